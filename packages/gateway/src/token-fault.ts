import type { AnswerCode } from "./gateway-answers.ts";

/** Why no token is given. */
export interface TokenFault {
  /** RFC 6749, section 5.2; `temporarily_unavailable` where the database does not answer. */
  readonly error:
    | "invalid_request"
    | "invalid_client"
    | "unauthorized_client"
    | "unsupported_grant_type"
    | "invalid_scope"
    | "temporarily_unavailable";
  /** Of the problem that says so to who did not ask with a form. Default `HG_TOKEN_REQUEST`. */
  readonly code?: AnswerCode;
  readonly status: number;
  /** In lower case and without a full stop. */
  readonly detail: string;
}

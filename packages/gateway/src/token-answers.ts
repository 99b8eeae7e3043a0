import type { Token } from "@headgate/control";
import { answerWith, type GatewayAnswer } from "./gateway-answers.ts";
import type { TokenFault } from "./token-fault.ts";

/** When to ask again for what a database that is away could not give. */
const RETRY_AFTER_SECONDS = 1;

/** A token, as OAuth gives it (RFC 6749, section 5.1) and a little more: its id, and when it expires. */
export function tokenAnswer({ token, secret }: { readonly token: Token; readonly secret: string }): GatewayAnswer {
  return json(200, {
    access_token: secret,
    token_type: "Bearer",
    expires_in: Math.floor((token.expiresAt - token.createdAt) / 1000),
    scope: token.scopes.join(" "),
    id: token.id,
    expires_at: new Date(token.expiresAt).toISOString(),
  });
}

/** Why there is no token: as OAuth says it (section 5.2), or as a problem. */
export function tokenFaultAnswer(fault: TokenFault, isForm: boolean): GatewayAnswer {
  const { status, headers, body } = isForm ? oauthError(fault) : problem(fault);
  const isUnavailable = fault.error === "temporarily_unavailable";
  return { status, headers: isUnavailable ? [...headers, "Retry-After", String(RETRY_AFTER_SECONDS)] : headers, body };
}

function problem({ code = "HG_TOKEN_REQUEST", status, detail }: TokenFault): GatewayAnswer {
  return answerWith(code, detail, status);
}

function oauthError({ error, detail }: TokenFault): GatewayAnswer {
  const answer = json(STATUSES[error] ?? 400, { error, error_description: detail.replaceAll(NOT_IN_DESCRIPTION, "'") });
  if (error !== "invalid_client") return answer;
  return { ...answer, headers: [...answer.headers, "WWW-Authenticate", 'Basic realm="token"'] };
}

const STATUSES: Readonly<Partial<Record<TokenFault["error"], number>>> = {
  invalid_client: 401,
  temporarily_unavailable: 503,
};

const NOT_IN_DESCRIPTION = /[^ !#-[\]-~]/g;

/** Kept nowhere on the way: there is a secret in it. */
function json(status: number, value: unknown): GatewayAnswer {
  const body = JSON.stringify(value);
  const length = String(Buffer.byteLength(body));
  const headers = ["Content-Type", "application/json", "Content-Length", length, "Cache-Control", "no-store"];
  return { status, headers: [...headers, "Pragma", "no-cache"], body };
}

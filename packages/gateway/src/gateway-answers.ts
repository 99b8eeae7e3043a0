import { STATUS_CODES } from "node:http";
import { GATEWAY_ERRORS, type GatewayErrorCode } from "./errors.ts";

/** An answer that the gateway makes itself: an RFC 9457 problem with a stable `code` member. */
export interface GatewayAnswer {
  readonly status: number;
  /** Names and values, in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Codes that are thrown when a gateway is made, and so never answered. */
type ThrownCode = "HG_UPSTREAM_MISSING" | "HG_JWKS_UNREADABLE";

/** A code that is answered. */
export type AnswerCode = Exclude<GatewayErrorCode, ThrownCode>;

const STATUSES: Readonly<Record<AnswerCode, number>> = {
  HG_REQUEST_MALFORMED: 400,
  HG_REQUEST_PATH: 400,
  HG_REQUEST_HOST: 400,
  HG_REQUEST_CALLER: 400,
  HG_TOKEN_REQUEST: 400,
  HG_REQUEST_SCOPE: 403,
  HG_TOKEN_NEEDS_KEY: 403,
  HG_REQUEST_METHOD: 405,
  HG_REQUEST_TIMEOUT: 408,
  HG_TOKENS_TOO_MANY: 409,
  HG_REQUEST_TOO_LARGE: 413,
  HG_REQUEST_URL_TOO_LONG: 414,
  HG_REQUEST_ENCODING: 415,
  HG_REQUEST_EXPECTATION: 417,
  HG_REQUEST_HEADERS_TOO_LARGE: 431,
  HG_GATEWAY_FAILED: 500,
  HG_UPSTREAM_UNREACHABLE: 502,
  HG_UPSTREAM_BROKEN: 502,
  HG_UPSTREAM_BUSY: 503,
  HG_GATEWAY_BUSY: 503,
  HG_KEYS_UNREACHABLE: 503,
  HG_TOKENS_UNAVAILABLE: 503,
  HG_UPSTREAM_TIMEOUT: 504,
};

/** RFC 9110, section 15.5.6: a 405 must say what is allowed. */
const ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

const ANSWERS = Object.fromEntries(
  Object.entries(STATUSES).map(([code, status]) => [
    code,
    toAnswer(code as AnswerCode, status, GATEWAY_ERRORS[code as AnswerCode]),
  ]),
) as Readonly<Record<AnswerCode, GatewayAnswer>>;

/** The answer that stands for a code. */
export function answerOf(code: AnswerCode): GatewayAnswer {
  return ANSWERS[code];
}

/** The same answer as bytes of HTTP, for connections on which no request could be read. The connection closes after it. */
export function toRawHttp({ status, headers, body }: GatewayAnswer): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n`;
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${text}\r\n${body}`;
}

/** An answer that says more than its code does. `detail` begins in lower case and ends without a full stop. */
export function answerWith(code: AnswerCode, detail: string, status: number = STATUSES[code]): GatewayAnswer {
  return toAnswer(code, status, detail);
}

function toAnswer(code: AnswerCode, status: number, detail: string): GatewayAnswer {
  const body = JSON.stringify({
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    detail: `${detail}.`.replace(/^./, (first) => first.toUpperCase()),
    code,
  });
  const headers = ["Content-Type", "application/problem+json", "Content-Length", String(Buffer.byteLength(body))];
  if (status === 405) headers.push("Allow", ALLOWED_METHODS);
  return Object.freeze({ status, headers, body });
}

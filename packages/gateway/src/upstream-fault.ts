import type { AnswerCode } from "./gateway-answers.ts";

/** What an upstream's failure is called. Without a connection, whatever went wrong is that there is none. */
export function faultCodeOf(error: Error, wasConnected: boolean): AnswerCode {
  const code = codeOf(error);
  if (TIMEOUTS.has(code)) return "HG_UPSTREAM_TIMEOUT";
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") return "HG_REQUEST_MALFORMED";
  return wasConnected ? "HG_UPSTREAM_BROKEN" : "HG_UPSTREAM_UNREACHABLE";
}

/**
 * Whether a kept connection was closed just as it was used again, which is nobody's fault (RFC 9110, section 9.2.2): it
 * had carried answers before.
 */
export function isStaleConnection(error: Error): boolean {
  const code = codeOf(error);
  if (code === "ECONNRESET" || code === "EPIPE") return true;
  const { socket } = error as Error & { readonly socket?: { readonly bytesRead?: number } };
  return code === "UND_ERR_SOCKET" && (socket?.bytesRead ?? 0) > 0;
}

/** The error's own code, for the log: its message may hold an address, never a secret. */
export function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

const TIMEOUTS = new Set(["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "ETIMEDOUT"]);

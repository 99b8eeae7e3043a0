import { HeadgateError } from "@headgate/core";
import { ErrorReply } from "@redis/client";
import type { Access } from "./connection.ts";

/** Beginnings of what a server says to those that it does not let in. */
const NOT_LET_IN = /^(NOAUTH|WRONGPASS|NOPERM|ERR .*\bAUTH\b)/;

/** As OpenSSL and Node call what is wrong with a certificate. */
const BAD_CERTIFICATE = /^(?!ERR_SSL_).*(CERT|ISSUER|SIGNATURE|INVALID_CA|INVALID_PURPOSE|HOSTNAME)/;

/** With these, no connection has come about that could be with or without TLS. */
const NEVER_HEARD = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"]);

/** Says of a connection that could not be opened what is wrong; without the password, which some servers repeat. */
export function openingFault(error: unknown, where: string, { login, tls }: Access): HeadgateError {
  if (error instanceof HeadgateError) return error;
  const { password } = login;
  const reason = password ? reasonOf(error).replaceAll(password, "***") : reasonOf(error);
  if (error instanceof ErrorReply) {
    if (!NOT_LET_IN.test(reason)) return new HeadgateError("HG_REDIS_REFUSED", `${where} refuses: ${reason}`);
    return new HeadgateError("HG_REDIS_AUTH", `${where} does not let Headgate in: ${reason}`);
  }
  return new HeadgateError("HG_REDIS_UNREACHABLE", `${where} ${unreachable(error, reason, tls !== undefined)}`);
}

/**
 * Says of a command that has failed what is wrong. There are two codes: whatever keeps a server from being connected to
 * again, to callers it is `HG_REDIS_UNREACHABLE`; the other is `HG_REDIS_REFUSED`.
 */
export function commandFault(error: unknown, where: string): HeadgateError {
  if (error instanceof ErrorReply) {
    return new HeadgateError("HG_REDIS_REFUSED", `${where} refuses: ${error.message}`, { cause: error });
  }
  if (!(error instanceof HeadgateError)) return lossFault(error, where);
  if (error.code === "HG_REDIS_UNREACHABLE" || error.code === "HG_REDIS_REFUSED") return error;
  return new HeadgateError("HG_REDIS_UNREACHABLE", error.message, { cause: error });
}

/** Says of a connection that was lost, or did not come about, what is wrong. */
export function lossFault(error: unknown, where: string): HeadgateError {
  if (error instanceof HeadgateError) return error;
  return new HeadgateError("HG_REDIS_UNREACHABLE", `${where} was lost: ${reasonOf(error)}`, { cause: error });
}

function unreachable(error: unknown, reason: string, isTls: boolean): string {
  const code = String((error as { code?: unknown }).code ?? "");
  if (reason.startsWith("Unknown RESP type")) return "does not speak as Redis does: it is another service";
  if (BAD_CERTIFICATE.test(code)) {
    return `shows a certificate that does not hold (${code}): name who vouches for it with ?ca=FILE`;
  }
  if (code.startsWith("ERR_SSL_")) return `does not agree on TLS: ${code}`;
  if (NEVER_HEARD.has(code)) return `does not answer: ${reason}`;
  return `does not answer: ${reason}; ${isTls ? "is it without TLS (redis://)?" : "does it take TLS alone (rediss://)?"}`;
}

/** Where both addresses of a name refuse, the error has no message of its own. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}

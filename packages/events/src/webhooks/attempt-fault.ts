import { errors } from "undici";
import { ForbiddenHost, UnresolvedName } from "./address-guard.ts";

const BROKEN = "closed the connection before it had answered";
const UNREACHABLE = "cannot be reached from here";
const UNTRUSTED = "has a TLS certificate of no authority that is trusted, or does not send the whole chain";

/** By the code that Node, OpenSSL and undici give. */
const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection",
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  UND_ERR_SOCKET: BROKEN,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  EADDRNOTAVAIL: UNREACHABLE,
  ETIMEDOUT: "did not accept the connection in time",
  UND_ERR_CONNECT_TIMEOUT: "did not accept the connection in time",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "answered with more or less than it had announced",
  UND_ERR_HEADERS_OVERFLOW: "answered with headers that are too large",
  CERT_HAS_EXPIRED: "has a TLS certificate that has expired",
  CERT_NOT_YET_VALID: "has a TLS certificate that is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "has a TLS certificate for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a TLS certificate that it has signed itself",
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** Why no answer came, in words that go after the receiver. They tell nothing of what is inside this process. */
export function attemptFault(error: unknown): string {
  if (error instanceof ForbiddenHost || error instanceof UnresolvedName) return error.message;
  const code = String((error as { code?: unknown }).code);
  const fault = FAULTS[code];
  if (fault !== undefined) return fault;
  if (error instanceof errors.HTTPParserError) return "answered with what is not HTTP";
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return "does not speak TLS, or none that is taken here";
  return "did not answer";
}

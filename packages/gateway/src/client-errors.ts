import type { Duplex } from "node:stream";
import { type AnswerCode, answerOf, toRawHttp } from "./gateway-answers.ts";
import { currentResponse, lastWord, lastWordUnlessAnswering } from "./linger.ts";

/** What node:http says of a connection on which it could not read a request. */
export interface ClientError extends Error {
  readonly code?: string;
  /** What was read last. */
  readonly rawPacket?: Buffer;
}

/**
 * Answers a connection on which no request could be read: once, and never amid another answer, where it would be read
 * as a part of that. What is amiss behind a request that is still being answered ends the connection after that answer.
 * Returns the code answered, or undefined where there was nobody to answer.
 */
export function answerClientError(error: ClientError, socket: Duplex, maxUrlBytes: number): AnswerCode | undefined {
  if (answered.has(socket)) return undefined;
  answered.add(socket);
  const code = codeOf(error, maxUrlBytes);
  const current = currentResponse(socket);
  const isAmidRequest = current !== undefined && !current.req.complete;
  if (code === undefined || !socket.writable || (isAmidRequest && current.headersSent)) {
    socket.destroy();
    return undefined;
  }
  const word = toRawHttp(answerOf(code));
  if (!isAmidRequest) return lastWordUnlessAnswering(socket, word) ? code : undefined;
  lastWord(socket, word);
  return code;
}

const answered = new WeakSet<Duplex>();

function codeOf({ code, rawPacket }: ClientError, maxUrlBytes: number): AnswerCode | undefined {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "HG_REQUEST_TIMEOUT";
  if (code === "HPE_HEADER_OVERFLOW") {
    return hasLongUrl(rawPacket, maxUrlBytes) ? "HG_REQUEST_URL_TOO_LONG" : "HG_REQUEST_HEADERS_TOO_LARGE";
  }
  // A client that ends its side amid a request has gone, and wants no answer.
  return code?.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE" ? "HG_REQUEST_MALFORMED" : undefined;
}

/** Whether what was read begins with a request line that is already too long. */
function hasLongUrl(packet: Buffer | undefined, maxUrlBytes: number): boolean {
  if (!packet || !/^[A-Z-]+ /.test(packet.toString("latin1", 0, 24))) return false;
  const end = packet.indexOf("\n");
  return (end === -1 ? packet.length : end) > maxUrlBytes;
}

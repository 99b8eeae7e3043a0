import type { IncomingMessage, ServerResponse } from "node:http";
import { endResponse } from "./response-end.ts";

/** How long a client may go on sending a body that nobody reads. */
const LINGER_MS = 1_000;

/**
 * Ends a response, as {@link endResponse} does, to a request whose body may not have come whole. What still comes runs out
 * unread: closing with bytes unread would reset the connection, and the reset could overtake the answer. Where the end of
 * the response closes the connection, it waits for that, with all the client needs to know sent before.
 */
export function endBeforeBody(
  request: IncomingMessage,
  response: ServerResponse,
  takeWithinMs: number,
  body?: string | Buffer,
  encoding: BufferEncoding = "utf8",
): void {
  if (request.complete || request.destroyed || response.shouldKeepAlive) {
    endResponse(response, takeWithinMs, body, encoding);
    discardRest(request, () => {});
    return;
  }
  if (body === undefined) response.flushHeaders();
  else response.write(body, encoding);
  discardRest(request, () => endResponse(response, takeWithinMs));
}

/** Lets the rest of a body run out unread, and closes the connection where that takes too long. */
function discardRest(request: IncomingMessage, done: () => void): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  const stop = (): void => {
    clearTimeout(timer);
    request.off("end", ended);
    socket.off("close", stop);
  };
  const ended = (): void => {
    stop();
    done();
  };
  request.on("end", ended);
  socket.on("close", stop);
  request.resume();
}

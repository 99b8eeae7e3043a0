import type { IncomingMessage } from "node:http";

/** How long a client may go on sending a body that nobody reads. */
const LINGER_MS = 1_000;

/**
 * Lets the rest of a body that was answered early run out unread, and closes the connection where it takes too long.
 * Closing at once, with bytes unread, would reset the connection, and the reset could overtake the answer.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  const stop = (): void => {
    clearTimeout(timer);
    request.off("end", stop);
    socket.off("close", stop);
  };
  request.on("end", stop);
  socket.on("close", stop);
  request.resume();
}

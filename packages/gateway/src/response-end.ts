import type { ServerResponse } from "node:http";

/**
 * Ends a response, with what is the whole of its body or the last of it. A client that leaves it untaken for
 * `takeWithinMs` loses its connection; where it was taken at once, as nearly always, nothing is watched.
 */
export function endResponse(
  response: ServerResponse,
  takeWithinMs: number,
  body?: string | Buffer,
  encoding: BufferEncoding = "utf8",
): void {
  response.end(body, encoding);
  if (response.writableLength > 0) watchTaking(response, takeWithinMs);
}

/**
 * Closes the connection of a client that has not taken what was written to it within `takeWithinMs`. A response that
 * waits behind others on a pipelined connection has its time from when its turn comes.
 */
export function watchTaking(response: ServerResponse, takeWithinMs: number): void {
  if (!response.socket) {
    if (!response.destroyed) response.once("socket", () => watchTaking(response, takeWithinMs));
    return;
  }
  const timer = setTimeout(() => response.destroy(), takeWithinMs);
  const stop = (): void => {
    clearTimeout(timer);
    response.off("drain", stop).off("finish", stop).off("close", stop);
  };
  response.on("drain", stop).on("finish", stop).on("close", stop);
}

import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

const LINGER_MS = 1_000;
const LINGER_BYTES = 4 * 1024 * 1024;

/**
 * Says a last word on a connection and closes it so that the other end hears it: what it still sends is read and
 * dropped, for a second or 4 MB at most. Closing with bytes unread would reset the connection, and the reset could
 * overtake the word.
 */
export function lastWord(socket: Duplex, word: string): void {
  let bytes = 0;
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.removeAllListeners("data");
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) socket.destroy();
  });
  socket.on("end", () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("close", () => clearTimeout(timer));
  socket.end(word);
  socket.resume();
}

/**
 * As {@link lastWord} where nobody is being answered. Amid another answer it would be read as a part of that, so that
 * answer ends the connection instead. Returns whether the word was said.
 */
export function lastWordUnlessAnswering(socket: Duplex, word: string): boolean {
  const current = currentResponse(socket);
  if (!current) {
    lastWord(socket, word);
    return true;
  }
  current.shouldKeepAlive = false;
  current.on("finish", () => socket.end(() => socket.destroy()));
  return false;
}

/** The response that is being waited for or sent; node:http keeps it at this property of its sockets. */
export function currentResponse(
  socket: Duplex & { readonly _httpMessage?: ServerResponse | null },
): ServerResponse | undefined {
  return socket._httpMessage ?? undefined;
}

import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** The responses that wait on a connection for others to be sent first, where any do; each until it is closed. */
const waiting = new WeakMap<Duplex, Set<ServerResponse>>();

/**
 * Whether a response may wait behind others on its connection; it is counted then. node:http stops reading a connection
 * when 64 KB of such answers lie ready, and would not see it close: with so few that each may have a kilobyte, refusals
 * alone never come to that.
 */
export function mayWait(response: ServerResponse, connection: Duplex, maxWaiting: number): boolean {
  const others = waiting.get(connection) ?? new Set();
  if (others.size >= maxWaiting) return false;
  waiting.set(connection, others.add(response));
  response.on("close", () => others.delete(response));
  return true;
}

/** How much of answers lies ready on a connection behind others. */
export function waitingBytes(connection: Duplex): number {
  let bytes = 0;
  for (const response of waiting.get(connection) ?? []) if (!response.socket) bytes += response.writableLength;
  return bytes;
}

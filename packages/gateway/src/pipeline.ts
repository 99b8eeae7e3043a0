import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** How many responses wait on a connection for others to be sent first, where any do. */
const waiting = new WeakMap<Duplex, number>();

/**
 * Whether a response may wait behind others on its connection; it is counted then, until it is closed. node:http stops
 * reading a connection when 64 KB of such answers lie ready, and would not see it close: with so few that each may have a
 * kilobyte, refusals alone never come to that.
 */
export function mayWait(response: ServerResponse, connection: Duplex, maxWaiting: number): boolean {
  const ahead = waiting.get(connection) ?? 0;
  if (ahead >= maxWaiting) return false;
  waiting.set(connection, ahead + 1);
  response.on("close", () => waiting.set(connection, (waiting.get(connection) ?? 0) - 1));
  return true;
}

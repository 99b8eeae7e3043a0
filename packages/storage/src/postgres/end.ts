import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";

/** How long a server has to say goodbye. */
const GOODBYE_MS = 1_000;

/** Ends a connection, whatever state it is in: a server that is away is not waited for. */
export async function end(client: Client): Promise<void> {
  // A connection that ends amid a query tells of it once more; nobody need know.
  client.on("error", () => {});
  const goodbye = new AbortController();
  await Promise.race([client.end(), delay(GOODBYE_MS, undefined, { signal: goodbye.signal })]).catch(() => {});
  goodbye.abort();
  client.connection.stream.destroy();
}

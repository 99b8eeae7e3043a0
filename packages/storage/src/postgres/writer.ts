import { randomUUID } from "node:crypto";
import type { Client } from "pg";
import type { Outcome, Transaction } from "../transaction.ts";
import { commitBatch } from "./batch.ts";
import type { Connections } from "./connections.ts";
import { end } from "./end.ts";

/** The one connection that writes; made when there is something to write, and given up at the first doubt. */
export class Writer {
  readonly #connections: Connections;
  readonly #onDoubt: () => void;
  #client: Client | undefined;
  /** Of this connection: what an earlier one committed when it broke is news to us as to everybody. */
  #signature = randomUUID();

  /** `onDoubt` is called when a connection broke, for then it is not known whether its last batch was kept. */
  constructor(connections: Connections, onDoubt: () => void) {
    this.#connections = connections;
    this.#onDoubt = onDoubt;
  }

  /** Whether a notification tells of what was written here. */
  hasSigned(signature: string | undefined): boolean {
    return signature === this.#signature;
  }

  /** Commits a batch; throws what `pg` throws. */
  async commit(batch: readonly Transaction[]): Promise<readonly Outcome[]> {
    const client = await this.#connect();
    try {
      return await commitBatch(client, batch, this.#signature);
    } catch (error) {
      await this.#giveUp(client);
      throw error;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await end(client);
  }

  async #connect(): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const client = await this.#connections.writer();
    this.#client = client;
    client.on("error", () => this.#giveUp(client));
    client.on("end", () => this.#giveUp(client));
    return client;
  }

  async #giveUp(client: Client): Promise<void> {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#signature = randomUUID();
    this.#onDoubt();
    await end(client);
  }
}

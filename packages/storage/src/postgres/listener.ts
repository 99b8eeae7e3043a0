import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";
import { backoffMs } from "./backoff.ts";
import { CHANNEL } from "./batch.ts";
import type { Connections } from "./connections.ts";
import { end } from "./end.ts";

/** How often to make sure that the server still answers: a network that is cut says nothing. */
const HEARTBEAT_MS = 5_000;

/** What the listener hears. */
export interface Hears {
  /** Somebody committed something. */
  notification(signature: string | undefined): void;
  /** The server is back; what was committed meanwhile was not heard of. */
  reconnected(): void;
  /** The server answers. */
  alive(): void;
  /** The connection is gone, or cannot be made; the next attempt follows. */
  lost(error: unknown): void;
}

/** Listens for what other instances commit, and for whether the server answers. Connects again for as long as it takes. */
export class Listener {
  readonly #connections: Connections;
  readonly #hears: Hears;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(connections: Connections, hears: Hears) {
    this.#connections = connections;
    this.#hears = hears;
  }

  /** Resolves when it listens; rejects where the first attempt fails, with what `pg` throws. */
  static async start(connections: Connections, hears: Hears): Promise<Listener> {
    const listener = new Listener(connections, hears);
    const client = await listener.#listen();
    listener.#running = listener.#run(client);
    return listener;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(first: Client): Promise<void> {
    let client: Client | undefined = first;
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        client ??= await this.#listenAgain();
        failures = 0;
        await this.#keepAlive(client);
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#hears.lost(error);
      }
      if (client !== undefined) await end(client);
      client = undefined;
      await this.#sleep(backoffMs(failures++, Math.random()));
    }
  }

  async #listenAgain(): Promise<Client> {
    const client = await this.#listen();
    this.#hears.reconnected();
    return client;
  }

  async #listen(): Promise<Client> {
    const client = await this.#connections.listener();
    client.on("notification", ({ payload }) => this.#hears.notification(payload));
    try {
      await client.query(`listen ${CHANNEL}`);
      return client;
    } catch (error) {
      await end(client);
      throw error;
    }
  }

  /** Asks now and then until the connection ends or the listener is stopped. */
  async #keepAlive(client: Client): Promise<void> {
    const ended = new Promise<never>((_, reject) => {
      client.once("error", reject);
      client.once("end", () => reject(new Error("the server ended the connection")));
    });
    ended.catch(() => {});
    while (!this.#stopping.signal.aborted) {
      await client.query("select 1");
      this.#hears.alive();
      await Promise.race([ended, this.#sleep(HEARTBEAT_MS)]);
    }
  }

  /** Until then, or until it is stopped. */
  async #sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

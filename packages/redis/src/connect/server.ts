import { HeadgateError } from "@headgate/core";
import { ErrorReply } from "@redis/client";
import { backoffMs } from "./backoff.ts";
import type { Argument, Connection } from "./connection.ts";
import { lossFault } from "./redis-fault.ts";
import type { ServerInfo } from "./server-info.ts";

/** A server that is kept connected: when the connection is lost, another is opened, until {@link close}. */
export class Server {
  /** Resolves after the first attempt to connect, whatever has become of it. */
  readonly tried: Promise<void>;
  readonly #name: string;
  readonly #open: () => Promise<Connection>;
  #connection: Connection | undefined;
  /** Why there is no connection. */
  #fault: HeadgateError;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** Begins to connect. `open` is asked anew each time, for the server may have moved; `name` is for messages. */
  constructor(name: string, open: () => Promise<Connection>) {
    this.#name = name;
    this.#open = open;
    this.#fault = new HeadgateError("HG_REDIS_UNREACHABLE", `${name} is not connected yet`);
    this.tried = this.#connect();
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** What the server has said of itself; undefined while it is not connected. */
  get info(): ServerInfo | undefined {
    return this.#connection?.info;
  }

  /** Why it is not connected. */
  get fault(): HeadgateError {
    return this.#fault;
  }

  /**
   * Sends a command. Rejects with an `ErrorReply` where the server refuses.
   *
   * @throws HeadgateError `HG_REDIS_UNREACHABLE`, or what the last attempt to connect has failed with
   */
  async send(args: readonly Argument[]): Promise<unknown> {
    const connection = this.#connection;
    if (connection === undefined) throw this.#fault;
    try {
      return await connection.send(args);
    } catch (error) {
      if (!(error instanceof ErrorReply)) throw connection === this.#connection ? error : this.#fault;
      // It was the master, and has been made a replica. Redis 6 says so amid what else it says of a script.
      if (/(^|-)READONLY /.test(error.message)) connection.drop(error);
      throw error;
    }
  }

  /** Ends the connection. What waits for an answer is rejected. */
  close(): void {
    this.#isClosed = true;
    this.#fault = new HeadgateError("HG_REDIS_UNREACHABLE", `the connection to ${this.#name} is closed`);
    clearTimeout(this.#retry);
    this.#connection?.drop(this.#fault);
    this.#connection = undefined;
  }

  async #connect(): Promise<void> {
    try {
      const connection = await this.#open();
      if (this.#isClosed) return connection.drop(this.#fault);
      this.#failures = 0;
      this.#connection = connection;
      connection.lost.then((reason) => this.#lost(reason));
    } catch (error) {
      this.#lost(error);
    }
  }

  #lost(reason: unknown): void {
    if (this.#isClosed) return;
    this.#connection = undefined;
    this.#fault = lossFault(reason, this.#name);
    this.#retry = setTimeout(() => void this.#connect(), backoffMs(this.#failures, Math.random()));
    this.#failures += 1;
  }
}

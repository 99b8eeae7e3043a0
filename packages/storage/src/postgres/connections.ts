import { HeadgateError } from "@headgate/core";
import { Client, type ClientConfig, type CustomTypesConfig, Pool, type PoolConfig, types } from "pg";
import { reasonOf } from "./postgres-fault.ts";

/** How long the server may take over anything, before it counts as away. */
const CONNECT_TIMEOUT_MS = 2_000;
const WRITE_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 10_000;
const MIGRATION_TIMEOUT_MS = 10 * 60_000;

/** How long the server waits for an instance that stopped amid a transaction, before others have their turn. */
const IDLE_IN_TRANSACTION_MS = 5_000;

const MAX_READERS = 4;

/** Makes every kind of connection to one server. Its password is in no message. */
export class Connections {
  readonly #config: ClientConfig;
  /** Host and port. */
  readonly server: string;

  /** Throws `HG_STORAGE_UNREACHABLE` where the URL is none. */
  constructor(url: string) {
    this.#config = {
      connectionString: url,
      application_name: "headgate",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      types: numbersAsNumbers,
    };
    this.server = serverOf(this.#config);
  }

  /** For one batch after the other: statements are sent without waiting for the answers to those before them. */
  writer(): Promise<Client> {
    return this.#connect({
      ...timeouts(WRITE_TIMEOUT_MS),
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      pipeline: true,
    });
  }

  listener(): Promise<Client> {
    return this.#connect(timeouts(CONNECT_TIMEOUT_MS));
  }

  readers(): Pool {
    return this.#pool({ ...timeouts(READ_TIMEOUT_MS), max: MAX_READERS });
  }

  /** One connection, which may have to wait for another instance's migrations. */
  migrator(): Pool {
    return this.#pool({ ...timeouts(MIGRATION_TIMEOUT_MS), max: 1 });
  }

  unreachable(error: unknown): HeadgateError {
    return new HeadgateError(
      "HG_STORAGE_UNREACHABLE",
      `PostgreSQL at ${this.server} does not answer: ${reasonOf(error)}`,
    );
  }

  #pool(config: PoolConfig): Pool {
    // A server that is away says no goodbye to idle connections: the process does not wait for it.
    const pool = new Pool({ ...this.#config, ...config, allowExitOnIdle: true });
    // An idle connection that ends is replaced when one is asked for.
    pool.on("error", () => {});
    return pool;
  }

  async #connect(config: ClientConfig): Promise<Client> {
    const client = new Client({ ...this.#config, ...config });
    // An error that nobody listens for would end the process; whoever uses the connection hears of it anyway.
    client.on("error", () => {});
    await client.connect();
    return client;
  }
}

/** Host and port of a URL. */
function serverOf(config: ClientConfig): string {
  // `pg` takes anything else for the name of a database, and asks a host for it: with quotes around it, the whole URL.
  if (!/^postgres(ql)?:/i.test(config.connectionString ?? "")) throw unreadable(HOW_TO_WRITE);
  try {
    const { host, port } = new Client(config);
    return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  } catch (error) {
    // What is wrong with the URL itself is told by quoting it, and there is a password in it.
    throw unreadable(error instanceof Error && "syscall" in error ? error.message : HOW_TO_WRITE);
  }
}

const HOW_TO_WRITE =
  "write postgres://user:password@host/database without quotes, and with `%` and two digits for what is special";

function unreadable(reason: string): HeadgateError {
  return new HeadgateError("HG_STORAGE_UNREACHABLE", `the database URL cannot be read: ${reason}`);
}

/** The server gives up first, so that it tells why; the client does where nobody answers. */
function timeouts(ms: number): ClientConfig {
  return { statement_timeout: ms, query_timeout: ms + 500 };
}

/** `bigint` and `numeric` come as text else, for they can hold what a number cannot. Nothing we keep does. */
const numbersAsNumbers: CustomTypesConfig = {
  getTypeParser(oid, format) {
    const isBig = oid === types.builtins.INT8 || oid === types.builtins.NUMERIC;
    return isBig && format !== "binary" ? Number : types.getTypeParser(oid, format);
  },
};

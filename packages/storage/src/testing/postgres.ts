import { randomBytes } from "node:crypto";
import { Client, escapeIdentifier } from "pg";
import { findPostgres } from "./postgres-binaries.ts";
import { PostgresServer } from "./postgres-server.ts";

const HOW_TO_ENABLE =
  "PostgreSQL tests are skipped: set DATABASE_URL to a server that lets create databases, " +
  "or install PostgreSQL, so that `initdb` and `postgres` are found";

/** A PostgreSQL server that tests make databases in. */
export interface TestPostgres {
  /** Makes an empty database; its URL. */
  createDatabase(): Promise<string>;
  /** Drops the databases that were made, and ends the server if it was started for this. */
  stop(): Promise<void>;
}

/**
 * The server of `DATABASE_URL`, or else one of the tests' own. Undefined where there is none to be had; a line then says
 * so, and how to change it.
 */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const given = process.env.DATABASE_URL;
  if (given) return databasesOf(given, async () => {});
  const server = await startPostgresServer();
  return server && databasesOf(server.url, () => server.stop());
}

/** As {@link startPostgres}, but always one of the test's own, which it may stop and kill. */
export async function startPostgresServer(): Promise<PostgresServer | undefined> {
  const binaries = findPostgres();
  if (binaries !== undefined) return PostgresServer.start(binaries);
  console.warn(HOW_TO_ENABLE);
  return undefined;
}

function databasesOf(url: string, stopServer: () => Promise<void>): TestPostgres {
  const made: string[] = [];
  return {
    async createDatabase() {
      const name = `headgate_test_${randomBytes(8).toString("hex")}`;
      await run(url, `create database ${escapeIdentifier(name)}`);
      made.push(name);
      return databaseUrl(url, name);
    },
    async stop() {
      for (const name of made) await run(url, `drop database if exists ${escapeIdentifier(name)} with (force)`);
      await stopServer();
    },
  };
}

async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

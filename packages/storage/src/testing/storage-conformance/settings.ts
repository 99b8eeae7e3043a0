import { type CompiledQuery, sql } from "kysely";
import { openStorage } from "../../open-storage.ts";
import type { Expectation, Statement, Storage, Value } from "../../storage.ts";
import type { MakePlace } from "./storage-conformance.ts";

// The table of settings is what the suite writes: two columns, and nothing that refers to it.

/** Runs a test on a storage of its own. */
export async function inEmptyStorage(makePlace: MakePlace, body: (storage: Storage) => Promise<void>): Promise<void> {
  const storage = await openStorage(await makePlace());
  try {
    await body(storage);
  } finally {
    await storage.close();
  }
}

/** A compiled query as a statement of a transaction. */
export function statement(query: CompiledQuery, expects?: Expectation): Statement {
  return { sql: query.sql, parameters: query.parameters as readonly Value[], expects };
}

/** Adds a setting; fails where there is one of that name. */
export function add(storage: Storage, name: string, value = ""): Statement {
  return statement(storage.build.insertInto("settings").values({ name, value }).compile());
}

/** Adds a setting where there is none of that name, and expects that. */
export function addNew(storage: Storage, name: string, value = ""): Statement {
  const insert = storage.build.insertInto("settings").values({ name, value });
  return statement(insert.onConflict((conflict) => conflict.doNothing()).compile(), { rows: 1, name: `${name}-new` });
}

/** Puts text behind a setting's value, and expects the setting. */
export function append(storage: Storage, name: string, text: string): Statement {
  const update = storage.build
    .updateTable("settings")
    .set({ value: sql`value || ${text}` })
    .where("name", "=", name);
  return statement(update.compile(), { rows: 1, name: `${name}-there` });
}

/** All settings, by name. */
export async function settings(storage: Storage): Promise<Record<string, string>> {
  const rows = await storage.read(storage.build.selectFrom("settings").selectAll().orderBy("name").compile());
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** The code that something rejects with; undefined where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

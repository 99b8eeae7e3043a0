import { Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { describe, expect, test } from "vitest";
import { isUpToDate, refuseNewer } from "../src/applied-migrations.ts";
import { migrate } from "../src/migrate.ts";
import { type MakeMigration, MIGRATIONS } from "../src/migrations/index.ts";
import { Connection } from "../src/sqlite/connection.ts";
import { migrationDialect } from "../src/sqlite/migration-dialect.ts";
import { sqliteSchema } from "../src/sqlite/schema-dialect.ts";

/** A step that carries out one statement. */
function step(statement: string): MakeMigration {
  return (): Migration => ({
    async up(db) {
      await sql.raw(statement).execute(db);
    },
  });
}

function emptyDatabase() {
  const connection = new Connection(":memory:");
  const db = new Kysely<never>({ dialect: migrationDialect(connection) });
  return {
    connection,
    to: (migrations: Readonly<Record<string, MakeMigration>>) => migrate(db, { dialect: sqliteSchema, migrations }),
  };
}

describe("migrations", () => {
  test("take an older database to the newest, and keep what is in it", async () => {
    const { connection, to } = emptyDatabase();
    await to(MIGRATIONS);
    connection.run("insert into settings values ('a', '1')");
    const newer = {
      ...MIGRATIONS,
      "9998-colour": step("alter table settings add column colour text"),
    };
    await to(newer);
    await to(newer);
    expect(connection.run("select * from settings").rows).toEqual([{ name: "a", value: "1", colour: null }]);
  });

  test("that fail leave the database as it was, the steps before included", async () => {
    const { connection, to } = emptyDatabase();
    await to(MIGRATIONS);
    const failing = {
      ...MIGRATIONS,
      "9998-colour": step("alter table settings add column colour text"),
      "9999-failing": step("alter table nowhere add column colour text"),
    };
    await expect(to(failing)).rejects.toThrow("nowhere");
    expect(connection.isInTransaction).toBe(false);
    connection.run("insert into settings values ('a', '1')");
    expect(connection.run("select * from settings").rows).toEqual([{ name: "a", value: "1" }]);
  });

  test("that are not known are named as a newer version's", () => {
    expect(() => refuseNewer(Object.keys(MIGRATIONS), "here")).not.toThrow();
    expect(() => refuseNewer([...Object.keys(MIGRATIONS), "9999-later"], "here")).toThrow(
      /^here was written by a newer Headgate \(it has had 9999-later\)/,
    );
  });

  test("are needed where a database lacks any of them", () => {
    const names = Object.keys(MIGRATIONS);
    expect(isUpToDate(names)).toBe(true);
    for (const missing of names) expect(isUpToDate(names.filter((name) => name !== missing))).toBe(false);
  });

  test("have names that sort in the order they are listed", () => {
    expect(Object.keys(MIGRATIONS)).toEqual(Object.keys(MIGRATIONS).toSorted());
  });
});

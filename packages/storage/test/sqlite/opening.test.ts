import { randomFillSync } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openStorage, type Storage } from "../../src/index.ts";
import { emptyFolder } from "../empty-folder.ts";
import { contents } from "./contents.ts";

/** A folder with some rows in its database, closed. */
async function filledFolder(): Promise<string> {
  const folder = emptyFolder();
  const storage = await openStorage({ folder });
  await fill(storage);
  await storage.close();
  return folder;
}

async function fill(storage: Storage): Promise<void> {
  const row = (index: number) => ({
    sql: "insert into settings values (?, ?)",
    parameters: [`${index}`, "x".repeat(500)],
  });
  await storage.write(Array.from({ length: 500 }, (_, index) => row(index)));
}

/** Opens the folder, which must be refused and left as it is but for the lock. */
async function expectRefused(folder: string, code: string, message: RegExp): Promise<void> {
  const database = () => {
    const { "headgate.lock": _, ...rest } = contents(folder);
    return rest;
  };
  const before = database();
  await expect(openStorage({ folder })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(database()).toEqual(before);
}

describe("a data folder", () => {
  test("is made for its owner's eyes only, with all above it", async () => {
    const folder = join(emptyFolder(), "not", "yet");
    const storage = await openStorage({ folder });
    const modes = ["", "headgate.db", "headgate.db-wal", "headgate.lock", "headgate.pid"].map(
      (name) => statSync(join(folder, name)).mode & 0o777,
    );
    await storage.close();
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600, 0o600]);
  });

  test("holds one file and its lock when it is closed", async () => {
    expect(Object.keys(contents(await filledFolder()))).toEqual(["headgate.db", "headgate.lock"]);
  });

  test("is refused where a file is in its place", async () => {
    const file = join(emptyFolder(), "file");
    writeFileSync(file, "");
    const opening = openStorage({ folder: join(file, "data") });
    await expect(opening).rejects.toMatchObject({ code: "HG_STORAGE_FOLDER" });
  });

  test("is refused where its database can be neither read nor made", async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, "headgate.db"));
    await expect(openStorage({ folder })).rejects.toMatchObject({ code: "HG_STORAGE_FOLDER" });
  });

  test.skipIf(process.getuid?.() === 0)("is refused where its database may not be written", async () => {
    const folder = await filledFolder();
    chmodSync(join(folder, "headgate.db"), 0o400);
    await expectRefused(folder, "HG_STORAGE_FOLDER", /headgate\.db.*make it writable/);
  });

  test("that was left amid the making of its database is made good", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "headgate.db.new"), "half");
    writeFileSync(join(folder, "headgate.db.new-journal"), "half");
    await (await openStorage({ folder })).close();
    expect(Object.keys(contents(folder))).toEqual(["headgate.db", "headgate.lock"]);
  });
});

describe("a database file is refused and left untouched", () => {
  const NO_DATABASE = /headgate\.db cannot be used: .*restore a copy/;

  test("where it is no database", async () => {
    for (const content of ["", "hello", "x".repeat(10_000), Buffer.alloc(8_192)]) {
      const folder = emptyFolder();
      writeFileSync(join(folder, "headgate.db"), content);
      await expectRefused(folder, "HG_STORAGE_CORRUPT", NO_DATABASE);
    }
  });

  test("where it is another program's database", async () => {
    const folder = emptyFolder();
    const database = new DatabaseSync(join(folder, "headgate.db"));
    database.exec("pragma journal_mode = wal; create table recipes (name text)");
    database.close();
    await expectRefused(folder, "HG_STORAGE_CORRUPT", /another program's/);
  });

  test("where its end is missing", async () => {
    const folder = await filledFolder();
    const file = join(folder, "headgate.db");
    truncateSync(file, statSync(file).size - 8_192);
    await expectRefused(folder, "HG_STORAGE_CORRUPT", NO_DATABASE);
  });

  test("where any page of it is scrambled", async () => {
    const whole = await filledFolder();
    const pages = statSync(join(whole, "headgate.db")).size / 4_096;
    for (const page of [2, Math.floor(pages / 2), pages - 1]) {
      const folder = emptyFolder();
      const bytes = readFileSync(join(whole, "headgate.db"));
      randomFillSync(bytes, page * 4_096, 4_096);
      writeFileSync(join(folder, "headgate.db"), bytes);
      await expectRefused(folder, "HG_STORAGE_CORRUPT", NO_DATABASE);
    }
  });

  test("where it is gone and its WAL is not, which would be written into a new one", async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, "headgate.db-wal"), "of another database");
    await expectRefused(folder, "HG_STORAGE_CORRUPT", NO_DATABASE);
  });

  test("where a newer Headgate wrote it", async () => {
    const folder = await filledFolder();
    const database = new DatabaseSync(join(folder, "headgate.db"));
    database.exec("insert into headgate_migrations values ('9999-from-the-future', '2099-01-01T00:00:00.000Z')");
    database.close();
    await expectRefused(folder, "HG_STORAGE_NEWER", /has had 9999-from-the-future.*run that version or a later one/);
  });

  test("where a newer Headgate wrote it and was killed before the WAL was in the file", async () => {
    const [live, folder] = [await filledFolder(), emptyFolder()];
    const database = new DatabaseSync(join(live, "headgate.db"));
    database.exec("insert into headgate_migrations values ('9999-from-the-future', '2099-01-01T00:00:00.000Z')");
    for (const name of ["headgate.db", "headgate.db-wal"]) copyFileSync(join(live, name), join(folder, name));
    database.close();
    await expectRefused(folder, "HG_STORAGE_NEWER", /9999-from-the-future/);
  });
});

test("a database whose WAL companion files were removed opens", async () => {
  const folder = await filledFolder();
  for (const suffix of ["-wal", "-shm"]) rmSync(join(folder, `headgate.db${suffix}`), { force: true });
  const storage = await openStorage({ folder });
  const rows = await storage.read(storage.build.selectFrom("settings").selectAll().compile());
  await storage.close();
  expect(rows.length).toBe(500);
});

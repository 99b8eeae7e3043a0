import { HeadgateError } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { GroupCommit } from "../src/group-commit.ts";
import { commitBatch } from "../src/sqlite/batch.ts";
import { Connection } from "../src/sqlite/connection.ts";
import type { Commit, Statement } from "../src/storage.ts";
import type { Outcome, Transaction } from "../src/transaction.ts";

const KEPT: Commit = { unmet: undefined, results: [] };
const transaction = (name: string): Transaction => [{ sql: name, parameters: [] }];

/** A database that commits when told, and remembers its batches. */
function manualDatabase() {
  const batches: string[][] = [];
  const pending: { resolve: (outcomes: Outcome[]) => void; reject: (error: Error) => void; size: number }[] = [];
  return {
    batches,
    commitBatch: (batch: readonly Transaction[]) => {
      batches.push(batch.map(([statement]) => statement?.sql ?? ""));
      return new Promise<readonly Outcome[]>((resolve, reject) =>
        pending.push({ resolve, reject, size: batch.length }),
      );
    },
    async finish(error?: Error) {
      const { resolve, reject, size } = pending.shift() ?? expect.fail("no batch is under way");
      if (error) reject(error);
      else resolve(Array.from({ length: size }, () => KEPT));
      await nextTurn();
    },
  };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("group commit", () => {
  test("gathers what comes in one turn, then what comes while that is being committed", async () => {
    const database = manualDatabase();
    const commits = new GroupCommit(database.commitBatch);
    const answers = ["a", "b"].map((name) => commits.submit(transaction(name)));
    await nextTurn();
    answers.push(...["c", "d"].map((name) => commits.submit(transaction(name))));
    expect(database.batches).toEqual([["a", "b"]]);
    await database.finish();
    expect(database.batches).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    await database.finish();
    expect(await Promise.all(answers)).toEqual([KEPT, KEPT, KEPT, KEPT]);
  });

  test("makes no batch larger than its bound", async () => {
    const database = manualDatabase();
    const commits = new GroupCommit(database.commitBatch, { maxBatch: 2 });
    const answers = ["a", "b", "c"].map((name) => commits.submit(transaction(name)));
    await nextTurn();
    await database.finish();
    await database.finish();
    await Promise.all(answers);
    expect(database.batches).toEqual([["a", "b"], ["c"]]);
  });

  test("refuses what comes when too many wait, and takes more when fewer do", async () => {
    const database = manualDatabase();
    const commits = new GroupCommit(database.commitBatch, { maxBatch: 1, maxWaiting: 2 });
    const answers = [commits.submit(transaction("a")), commits.submit(transaction("b"))];
    await expect(commits.submit(transaction("c"))).rejects.toMatchObject({ code: "HG_STORAGE_BUSY" });
    await nextTurn();
    answers.push(commits.submit(transaction("d")));
    for (let i = 0; i < 3; i++) await database.finish();
    await Promise.all(answers);
    expect(database.batches).toEqual([["a"], ["b"], ["d"]]);
  });

  test("rejects all of a batch that was not kept, and goes on with the next", async () => {
    const database = manualDatabase();
    const commits = new GroupCommit(database.commitBatch, { maxBatch: 2 });
    const answers = Promise.allSettled(["a", "b", "c"].map((name) => commits.submit(transaction(name))));
    await nextTurn();
    await database.finish(new Error("the disk is full"));
    await database.finish();
    expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  });

  test("rejects those that wait too when the database is away, and takes what comes after", async () => {
    const database = manualDatabase();
    const commits = new GroupCommit(database.commitBatch, { maxBatch: 1 });
    const answers = Promise.allSettled(["a", "b", "c"].map((name) => commits.submit(transaction(name))));
    await nextTurn();
    await database.finish(new HeadgateError("HG_STORAGE_UNREACHABLE", "it is away"));
    expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    const later = commits.submit(transaction("d"));
    await nextTurn();
    await database.finish();
    expect(await later).toEqual(KEPT);
    expect(database.batches).toEqual([["a"], ["d"]]);
  });

  test("is settled when everything submitted was answered", async () => {
    const database = manualDatabase();
    const commits = new GroupCommit(database.commitBatch);
    await commits.settled();
    let isAnswered = false;
    void commits.submit(transaction("a")).then(() => {
      isAnswered = true;
    });
    await nextTurn();
    const settled = commits.settled();
    await database.finish();
    await settled;
    expect(isAnswered).toBe(true);
  });
});

const NAMES = ["a", "b", "c"] as const;

/** One step of a transaction, as SQL and as what it does to a map; undefined is a failure, false an unmet expectation. */
interface Step {
  readonly statement: Statement;
  readonly apply: (settings: Map<string, string>) => boolean | undefined;
}

const step: fc.Arbitrary<Step> = fc
  .record({ kind: fc.constantFrom("insert", "add", "append", "remove"), name: fc.constantFrom(...NAMES) })
  .map(({ kind, name }) => STEPS[kind](name));

const STEPS: Record<"insert" | "add" | "append" | "remove", (name: string) => Step> = {
  insert: (name) => ({
    statement: { sql: "insert into settings values (?, 'i')", parameters: [name] },
    apply: (settings) => (settings.has(name) ? undefined : settings.set(name, "i").has(name)),
  }),
  add: (name) => ({
    statement: {
      sql: "insert into settings values (?, '') on conflict do nothing",
      parameters: [name],
      expects: { rows: 1, name: `${name}-new` },
    },
    apply: (settings) => !settings.has(name) && settings.set(name, "").has(name),
  }),
  append: (name) => ({
    statement: {
      sql: "update settings set value = value || '.' where name = ?",
      parameters: [name],
      expects: { rows: 1, name: `${name}-there` },
    },
    apply: (settings) => settings.has(name) && settings.set(name, `${settings.get(name)}.`).has(name),
  }),
  remove: (name) => ({
    statement: { sql: "delete from settings where name = ?", parameters: [name] },
    apply: (settings) => {
      settings.delete(name);
      return true;
    },
  }),
};

/** What becomes of a transaction that has the map to itself. */
function alone(settings: Map<string, string>, steps: readonly Step[]): string {
  const draft = new Map(settings);
  for (const { statement, apply } of steps) {
    const isDone = apply(draft);
    if (isDone === undefined) return "failed";
    if (!isDone) return statement.expects?.name ?? "";
  }
  settings.clear();
  for (const [name, value] of draft) settings.set(name, value);
  return "kept";
}

test("transactions that share commits in any way end as they do one by one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (scheduler, transactions, maxBatch) => {
        const connection = new Connection(":memory:");
        connection.execute("create table settings (name text primary key, value text) strict");
        // When a batch is committed, and so what gathers for the next one, is the scheduler's choice.
        const commit = scheduler.scheduleFunction(async (batch: readonly Transaction[]) =>
          commitBatch(connection, batch),
        );
        const commits = new GroupCommit(commit, { maxBatch });
        const submit = scheduler.scheduleSequence(
          transactions.map((steps) => async () => {
            answers.push(
              commits.submit(steps.map(({ statement }) => statement)).then(
                ({ unmet }) => unmet ?? "kept",
                () => "failed",
              ),
            );
          }),
        );
        const answers: Promise<string>[] = [];
        await scheduler.waitFor(submit.task);
        const seen = await scheduler.waitFor(Promise.all(answers));

        const model = new Map<string, string>();
        expect(seen).toEqual(transactions.map((steps) => alone(model, steps)));
        const rows = connection.run("select name, value from settings order by name").rows;
        expect(rows.map(({ name, value }) => [name, value])).toEqual([...model].sort());
        connection.close();
      },
    ),
    { numRuns: 200 },
  );
});

test("a disk that is full rejects the batch whole, and the next one may do better", () => {
  const connection = new Connection(":memory:");
  onTestFinished(() => connection.close());
  connection.execute("create table settings (name text primary key, value text) strict; pragma max_page_count = 20");
  const add = (name: string, value: string): Transaction => [
    { sql: "insert into settings values (?, ?)", parameters: [name, value] },
  ];
  expect(() => commitBatch(connection, [add("a", "small"), add("b", "large".repeat(100_000))])).toThrow("full");
  expect(connection.isInTransaction).toBe(false);
  expect(connection.run("select * from settings").rows).toEqual([]);
  expect(commitBatch(connection, [add("a", "small")])).toEqual([
    { unmet: undefined, results: [{ changes: 1, rows: [] }] },
  ]);
});

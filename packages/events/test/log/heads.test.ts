import type { Storage } from "@headgate/storage";
import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, test, vi } from "vitest";
import { CommitSignal } from "../../src/log/commit-signal.ts";
import { EventLog } from "../../src/log/event-log.ts";
import { Heads } from "../../src/log/heads.ts";
import { START } from "../rig.ts";
import { eventAt, openContext } from "./open-context.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

/** Holds back what is read next until it is told to go on. */
function holdRead(storage: Storage): { readonly hasRead: Promise<void>; goOn(): void } {
  const read = storage.read.bind(storage);
  const [found, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  vi.spyOn(storage, "read").mockImplementationOnce(async (query) => {
    const rows = await read(query);
    found.resolve();
    await held.promise;
    return rows;
  });
  return { hasRead: found.promise, goOn: held.resolve };
}

const seqOf = async (heads: Pick<Heads, "get">, accountId: string): Promise<number> => (await heads.get(accountId)).seq;

// What was read before a commit and came after it was once remembered for good, and the account took no event any more.
test("a head that was read before a commit is not what is remembered after it", async () => {
  const { storage, events, account } = await openContext();
  const id = await account("Ada", [START]);
  for (const change of ["move", "forget"] as const) {
    const heads = new Heads(storage);
    const before = await seqOf(heads, id);
    heads.forget(id);
    const { hasRead, goOn } = holdRead(storage);
    const reading = heads.get(id);
    await hasRead;
    await events.append(id, [eventAt(START)]);
    if (change === "move") heads.move(id, { seq: before + 1, hash: "a" });
    else heads.forget(id);
    goOn();
    await reading;
    expect([change, await seqOf(heads, id)]).toEqual([change, before + 1]);
  }
});

test("heads that are asked for at the same time are read once, and after that not at all", async () => {
  const { storage, account } = await openContext();
  const id = await account("Ada", [START]);
  const heads = new Heads(storage);
  const read = vi.spyOn(storage, "read");
  const seqs = await Promise.all(Array.from({ length: 10 }, () => seqOf(heads, id)));
  expect([seqs, await seqOf(heads, id)]).toEqual([Array(10).fill(1), 1]);
  expect(heads.get(id)).not.toBeInstanceOf(Promise);
  expect(read).toHaveBeenCalledTimes(1);
});

test("a head that could not be read is read anew", async () => {
  const { storage, account } = await openContext();
  const id = await account("Ada", [START]);
  const heads = new Heads(storage);
  const read = vi.spyOn(storage, "read").mockRejectedValueOnce(new Error("away"));
  await expect(heads.get(id)).rejects.toThrow("away");
  expect(await seqOf(heads, id)).toBe(1);
  read.mockRestore();
});

test("an account whose chain is not where it is remembered to end goes on from where it does", async () => {
  const { storage, account } = await openContext();
  const [one, other] = [new EventLog(storage, new CommitSignal()), new EventLog(storage, new CommitSignal())];
  const id = await account("Ada");
  for (const [index, log] of [one, other, one, one, other].entries()) {
    const appended = await log.append(id, [eventAt(START)]);
    expect(appended).toMatchObject({ rows: [{ seq: index + 1 }] });
  }
});

describe.skipIf(postgres === undefined)("instances that share a PostgreSQL", () => {
  test("append to one account at the same time, and no number is missing or there twice", async () => {
    const databaseUrl = await postgres?.createDatabase();
    const contexts = await Promise.all(["a", "b", "c"].map((instance) => openContext({ databaseUrl, instance })));
    const [first] = contexts as [(typeof contexts)[0]];
    const id = await first.account("Ada");
    const appended = await Promise.all(
      Array.from({ length: 90 }, (_, index) => contexts[index % 3]?.events.append(id, [eventAt(START, index)])),
    );
    const seqs = appended.flatMap((outcome) =>
      outcome && "rows" in outcome ? outcome.rows.map(({ seq }) => seq) : [],
    );
    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
    expect((await first.events.head(id)).seq).toBe(90);
  });
});

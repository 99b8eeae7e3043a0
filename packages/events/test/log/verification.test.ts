import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DEFAULT_EVENTS_POLICY } from "@headgate/policy";
import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, test } from "vitest";
import { Retention } from "../../src/log/retention.ts";
import { Verification } from "../../src/log/verification.ts";
import { START } from "../rig.ts";
import { eventAt, type OpenContext, openContext } from "./open-context.ts";

const DAY_MS = 86_400_000;
const COPY =
  "insert into events (account_id, id, seq, type, actor_id, actor_name, target_id, target_type, target_name, time, " +
  "received_at, metadata, hash)";
const REST = "type, actor_id, actor_name, target_id, target_type, target_name, time, received_at, metadata, hash";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

/** Changes the database behind the server's back. */
function tamper({ data }: OpenContext, ...statements: readonly string[]): void {
  const database = new DatabaseSync(join(data, "headgate.db"));
  for (const sql of statements) database.exec(sql);
  database.close();
}

async function sixEvents() {
  const context = await openContext();
  const accountId = await context.account("a", times(6));
  // Another account's events next to them are no part of the chain.
  await context.account("b", times(3));
  return { context, accountId, verification: new Verification(context.storage) };
}

function times(count: number): number[] {
  return Array.from({ length: count }, (_, i) => START + i);
}

describe("a chain of events", () => {
  test("as it was written is valid, and so is an empty one", async () => {
    const { context, accountId, verification } = await sixEvents();
    const { hash: head } = await context.events.head(accountId);
    expect(await verification.verify(accountId)).toEqual({
      events: 6,
      firstSeq: 1,
      lastSeq: 6,
      head,
      brokenAt: undefined,
    });
    expect(await verification.verify(await context.account("c"))).toEqual({
      events: 0,
      firstSeq: undefined,
      lastSeq: undefined,
      head: "0".repeat(64),
      brokenAt: undefined,
    });
  });

  test("with any column of an event edited is broken there", async () => {
    const context = await openContext();
    const verification = new Verification(context.storage);
    const texts = ["actor_id", "actor_name", "target_id", "target_type", "target_name", "metadata"];
    const edits = [
      ...["id", "type", "hash", ...texts].map((column) => `${column} = ${column} || ' '`),
      ...texts.map((column) => `${column} = null`),
      "time = time + 1",
      "received_at = received_at - 1",
    ];
    for (const [edit, reason] of [
      ...edits.map((edit) => [edit, "changed"]),
      ["account_id = account_id || 'x'", "missing"],
      ["seq = seq + 99", "missing"],
    ]) {
      const accountId = await context.account(`${edit}`, times(6));
      for (const seq of [6, 4, 1]) {
        tamper(context, `update events set ${edit} where account_id = '${accountId}' and seq = ${seq}`);
        const { brokenAt } = await verification.verify(accountId);
        expect(brokenAt, edit).toMatchObject({ seq, reason });
      }
    }
  });

  test.each([
    ["an event removed", ["delete from events where seq = 3"], 3, "missing"],
    ["the first event removed", ["delete from events where seq = 1"], 1, "missing"],
    ["its tail cut off", ["delete from events where seq >= 5"], 5, "missing"],
    ["all events removed", ["delete from events"], 1, "missing"],
    [
      "two events in each other's place",
      ["update events set seq = 99 where seq = 2", "update events set seq = 2 where seq = 3"].concat(
        "update events set seq = 3 where seq = 99",
      ),
      2,
      "changed",
    ],
    [
      "an event put in, and all after it moved up",
      [6, 5, 4, 3]
        .map((seq) => `update events set seq = ${seq + 1} where seq = ${seq}`)
        .concat(`${COPY} select account_id, 'evt_x', 3, ${REST} from events where seq = 2`)
        .concat("update event_heads set seq = 7"),
      3,
      "changed",
    ],
    [
      "an event after the last",
      [`${COPY} select account_id, 'evt_x', 7, ${REST} from events where seq = 6`],
      7,
      "added",
    ],
    [
      "an event before the first",
      [`${COPY} select account_id, 'evt_x', 0, ${REST} from events where seq = 1`],
      0,
      "added",
    ],
    [
      "its head moved back",
      ["update event_heads set seq = 5, hash = (select hash from events where seq = 5)"],
      6,
      "added",
    ],
    ["its head moved on", ["update event_heads set seq = 7"], 7, "missing"],
    ["its head's hash edited", ["update event_heads set hash = 'x'"], 6, "head"],
    ["its cut moved back", ["update event_heads set pruned_seq = -1"], 0, "missing"],
    ["its cut moved on", ["update event_heads set pruned_seq = 2"], 1, "added"],
    ["its cut's hash edited", ["update event_heads set pruned_hash = 'x'"], 1, "changed"],
    ["its head removed", ["delete from event_heads"], 1, "added"],
  ])("with %s is broken there", async (_what, statements, seq, reason) => {
    const context = await openContext();
    const accountId = await context.account("a", times(6));
    tamper(context, ...statements);
    const verdict = await new Verification(context.storage).verify(accountId);
    expect(verdict.brokenAt).toMatchObject({ seq, reason });
  });

  test("broken in several places tells of the first, and names the event", async () => {
    const { context, accountId, verification } = await sixEvents();
    tamper(context, "update events set type = 'x' where seq in (2, 4)", "delete from events where seq = 3");
    const { brokenAt, events } = await verification.verify(accountId);
    expect(events).toBe(1);
    expect(brokenAt).toEqual({ seq: 2, id: expect.stringMatching(/^evt_/), reason: "changed" });
  });

  test("that is longer than a page is gone through once for all who ask, while events come", async () => {
    const context = await openContext();
    const accountId = await context.account("a", times(2_500));
    const verification = new Verification(context.storage);
    const walks = [verification.verify(accountId), verification.verify(accountId)];
    await context.events.append(accountId, times(10).map(eventAt));
    const [one, other] = await Promise.all(walks);
    expect(one).toBe(other);
    // Those that came may have been there before the walk had read where the chain ends.
    const events = one?.lastSeq;
    expect([2_500, 2_510]).toContain(events);
    expect(one).toMatchObject({ events, brokenAt: undefined });
    expect(await verification.verify(accountId)).toMatchObject({ events: 2_510, brokenAt: undefined });
  });

  test.each([900, 1_700, 3_000])("stays valid while retention removes %i events of it", async (removed) => {
    const context = await openContext();
    const old = Array<number>(removed).fill(START - 2 * DAY_MS);
    const accountId = await context.account("a", [...old, ...Array<number>(3_000 - removed).fill(START)]);
    context.policy = () => ({ ...DEFAULT_EVENTS_POLICY, retention: { defaultMs: DAY_MS, plans: new Map() } });
    const verification = new Verification(context.storage);
    const retention = new Retention(context);
    const walk = verification.verify(accountId);
    context.tick();
    expect(await walk).toMatchObject({ lastSeq: 3_000, brokenAt: undefined });
    await retention.close();
    context.tick();
    expect(await verification.verify(accountId)).toMatchObject({
      events: expect.toSatisfy((events) => events >= 3_000 - removed),
      brokenAt: undefined,
    });
  });
});

describe.skipIf(postgres === undefined)("a chain of events on PostgreSQL", () => {
  test("is verified in the same way", async () => {
    const context = await openContext({ databaseUrl: await postgres?.createDatabase() });
    const accountId = await context.account("a", times(1_100));
    const verification = new Verification(context.storage);
    expect(await verification.verify(accountId)).toMatchObject({ events: 1_100, brokenAt: undefined });
    const edit = context.storage.build.updateTable("events").set({ type: "x" }).where("seq", "=", 1_050).compile();
    await context.storage.write([{ sql: edit.sql, parameters: edit.parameters as (string | number)[] }]);
    expect(await verification.verify(accountId)).toMatchObject({
      events: 1_049,
      brokenAt: { seq: 1_050, reason: "changed" },
    });
  });
});

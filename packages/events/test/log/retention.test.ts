import { DEFAULT_EVENTS_POLICY, type EventsPolicy } from "@headgate/policy";
import { startPostgres } from "@headgate/storage/testing";
import fc from "fast-check";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { Retention } from "../../src/log/retention.ts";
import { Verification } from "../../src/log/verification.ts";
import { START } from "../rig.ts";
import { eventAt, type OpenContext, openContext } from "./open-context.ts";

const DAY_MS = 86_400_000;

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

function keeping(defaultMs: number | undefined, plans: Record<string, number | undefined> = {}): () => EventsPolicy {
  return () => ({ ...DEFAULT_EVENTS_POLICY, retention: { defaultMs, plans: new Map(Object.entries(plans)) } });
}

async function sweep(context: OpenContext): Promise<void> {
  const retention = new Retention(context);
  retention.wake();
  await retention.settled();
  await retention.close();
}

/** The numbers of the events that are left. */
async function seqsOf({ storage }: OpenContext, accountId: string): Promise<number[]> {
  const query = storage.build.selectFrom("events").select("seq").where("account_id", "=", accountId).orderBy("seq");
  return (await storage.read(query.compile())).map(({ seq }) => seq);
}

function daysAgo(...days: readonly number[]): number[] {
  return days.map((count) => START - count * DAY_MS);
}

describe("retention", () => {
  test("removes what was received longer ago than the account's plan says, and leaves a valid chain", async () => {
    const context = await openContext();
    context.policy = keeping(30 * DAY_MS, { pro: 90 * DAY_MS, archive: undefined });
    const days = daysAgo(400, 100, 60, 31, 30, 29, 0);
    const accounts: [string, number[]][] = [
      [await context.account("none", days), [5, 6, 7]],
      [await context.account("unlisted", days, "free"), [5, 6, 7]],
      [await context.account("pro", days, "pro"), [3, 4, 5, 6, 7]],
      [await context.account("archive", days, "archive"), [1, 2, 3, 4, 5, 6, 7]],
      [await context.account("empty"), []],
    ];
    await sweep(context);
    const verification = new Verification(context.storage);
    for (const [accountId, seqs] of accounts) {
      expect(await seqsOf(context, accountId)).toEqual(seqs);
      expect(await verification.verify(accountId)).toMatchObject({ events: seqs.length, brokenAt: undefined });
    }
  });

  test("removes nothing where events are kept for ever", async () => {
    const context = await openContext();
    const accountId = await context.account("a", daysAgo(4_000, 0));
    await sweep(context);
    expect(await seqsOf(context, accountId)).toEqual([1, 2]);
  });

  test("works by a timer, in steps that leave the account's number where it is", async () => {
    const context = await openContext();
    context.policy = keeping(DAY_MS);
    const accountId = await context.account("a", Array<number>(1_300).fill(START));
    const retention = new Retention(context);
    onTestFinished(() => retention.close());
    context.tick();
    await retention.settled();
    expect(await seqsOf(context, accountId)).toHaveLength(1_300);
    context.time.now += DAY_MS + 1;
    context.tick();
    await retention.settled();
    expect(await seqsOf(context, accountId)).toEqual([]);
    expect(context.lines).toContainEqual({ event: "events-removed", account: accountId, events: 1_300 });
    expect(await context.events.head(accountId)).toMatchObject({ seq: 1_300, pruned_seq: 1_300 });
    expect(await new Verification(context.storage).verify(accountId)).toMatchObject({
      events: 0,
      lastSeq: undefined,
      brokenAt: undefined,
    });
  });

  test("keeps what comes after an event that is to be kept, though a clock that stepped back says it is old", async () => {
    const context = await openContext();
    context.policy = keeping(30 * DAY_MS);
    const accountId = await context.account("a", daysAgo(50, 40, 5, 45, 1));
    await sweep(context);
    expect(await seqsOf(context, accountId)).toEqual([3, 4, 5]);
    context.time.now -= 100 * DAY_MS;
    await sweep(context);
    expect(await seqsOf(context, accountId)).toEqual([3, 4, 5]);
    context.time.now += 100 * DAY_MS + 26 * DAY_MS;
    await sweep(context);
    expect(await seqsOf(context, accountId)).toEqual([5]);
  });

  test("goes through more accounts than fit in a page", async () => {
    const context = await openContext();
    context.policy = keeping(DAY_MS);
    const ids = await Promise.all(Array.from({ length: 520 }, (_, i) => context.account(`a${i}`, daysAgo(2, 0))));
    await sweep(context);
    const query = context.storage.build.selectFrom("events").select("seq").compile();
    const seqs = (await context.storage.read(query)).map(({ seq }) => seq);
    expect(seqs).toEqual(ids.map(() => 2));
  });

  test("removes keys of requests and events when they have ended", async () => {
    const context = await openContext();
    const { storage } = context;
    const keys = Array.from({ length: 1_200 }, (_, i) => ({
      account_id: "acc_a",
      key: `k${i}`,
      fingerprint: "f",
      expires_at: START + (i < 1_100 ? 0 : 1),
    }));
    const rows = [
      ...keys.map((key) => storage.build.insertInto("event_keys").values({ ...key, event_id: "evt_a" })),
      ...keys.map((key) =>
        storage.build.insertInto("idempotency_keys").values({ ...key, key_id: "key_a", status: 200, answer: "{}" }),
      ),
    ].map((insert) => insert.compile());
    await storage.write(rows.map(({ sql, parameters }) => ({ sql, parameters: parameters as (string | number)[] })));
    await sweep(context);
    for (const table of ["event_keys", "idempotency_keys"] as const) {
      const left = await storage.read(storage.build.selectFrom(table).select("expires_at").compile());
      expect(left.map(({ expires_at }) => expires_at)).toEqual(Array(100).fill(START + 1));
    }
  });

  test("leaves a valid chain after every step, wherever it is broken off", async () => {
    const context = await openContext();
    const { storage, events } = context;
    const verification = new Verification(storage);
    let accounts = 0;
    const plans = { short: 2 * DAY_MS, long: 20 * DAY_MS, forever: undefined };
    context.policy = keeping(5 * DAY_MS, plans);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ count: fc.integer({ min: 1, max: 800 }), days: fc.integer({ min: 0, max: 30 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.constantFrom("short", "long", "forever", undefined),
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
        async (runs, plan, stepsUntilCrash) => {
          accounts += 1;
          const receivedAt = runs.flatMap(({ count, days }) => daysAgo(...Array<number>(count).fill(days)));
          const accountId = await context.account(`a${accounts}`, receivedAt, plan);
          for (const steps of [...stepsUntilCrash, Number.POSITIVE_INFINITY]) {
            let left = steps;
            const prune: typeof events.prune = async (id, statements) => {
              if (left-- === 0) throw new Error("killed");
              const isDone = await events.prune(id, statements);
              expect(await verification.verify(accountId)).toMatchObject({ brokenAt: undefined });
              return isDone;
            };
            await sweep({ ...context, events: Object.assign(Object.create(events), { prune }) });
          }
          const keptMs = plan === undefined ? 5 * DAY_MS : plans[plan as keyof typeof plans];
          const first = receivedAt.findIndex((at) => keptMs === undefined || at >= START - keptMs);
          const kept = first === -1 ? 0 : receivedAt.length - first;
          expect(await seqsOf(context, accountId)).toHaveLength(kept);
          expect(await verification.verify(accountId)).toMatchObject({ events: kept, brokenAt: undefined });
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe.skipIf(postgres === undefined)("retention of instances that share a PostgreSQL", () => {
  test("removes each event once, while others are added", async () => {
    const databaseUrl = await postgres?.createDatabase();
    const one = await openContext({ databaseUrl, instance: "one" });
    const other = await openContext({ databaseUrl, instance: "other" });
    one.policy = other.policy = keeping(DAY_MS);
    const old = Array<number>(1_700).fill(START - 2 * DAY_MS);
    const accountId = await one.account("a", [...old, START]);
    const append = () => other.events.append(accountId, [eventAt(START)]);
    await Promise.all([sweep(one), sweep(other), append(), sweep(one), sweep(other)]);
    expect(await seqsOf(one, accountId)).toEqual([1_701, 1_702]);
    expect(await new Verification(other.storage).verify(accountId)).toMatchObject({ events: 2, brokenAt: undefined });
    expect([...one.lines, ...other.lines].filter(({ event }) => event === "retention-failed")).toEqual([]);
  });
});

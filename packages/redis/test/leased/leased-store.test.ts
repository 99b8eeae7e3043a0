import { defineLimit, MemoryStore, type Verdict } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LeaseTable } from "../../src/leased/lease-table.ts";
import { claimOn, NearCentre, START, storeOver } from "./rig.ts";

const MINUTE = 60_000;

/** Lets what is under way come to its end. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What callers are told. Where a unit is due sooner than in 20 ms, a store may say 20: so it does not ask for each. */
function toldOf({ limit, admitted, used, remaining, resetMs, retryAfterMs }: Verdict): unknown {
  const isSoon = limit.algorithm === "sliding-window" && retryAfterMs > 0 && retryAfterMs <= 20;
  return { admitted, used, remaining, resetMs, retryAfterMs: isSoon ? "soon" : retryAfterMs };
}

function isAdmitted(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ admitted }) => admitted);
}

describe("a store alone on its centre", () => {
  const limits = fc.record({
    algorithm: fc.constantFrom("fixed-window" as const, "sliding-window" as const),
    align: fc.constantFrom("first-request" as const, "clock" as const),
    quota: fc.integer({ min: 1, max: 12 }),
    windowMs: fc.constantFrom(60_000, 60_001),
    countRejected: fc.boolean(),
    mode: fc.constantFrom("enforce" as const, "shadow" as const),
  });
  const arrivals = fc.record({
    gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 25, max: 300 }), fc.integer({ min: 25, max: 90_000 })),
    cost: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 14 })),
    sweeps: fc.boolean(),
  });

  test("decides as the memory store does, to the unit, and tells the same numbers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(limits, { minLength: 1, maxLength: 3 }),
        fc.array(arrivals, { minLength: 1, maxLength: 40 }),
        async (specs, timeline) => {
          const enforced = specs.map((spec, i) => defineLimit({ name: `limit ${i}`, ...spec }));
          const { store, sweep } = storeOver(new NearCentre());
          const memory = new MemoryStore({ maxPartitions: 100 });
          let now = START;
          for (const { gapMs, cost, sweeps } of timeline) {
            now += gapMs;
            const claims = enforced.map((limit) => ({ limit, partition: "caller", cost }));
            const expected = memory.consume(claims, now);
            const actual = await store.consume(claims, now);
            await settled();
            expect(actual.map(toldOf)).toEqual(expected.map(toldOf));
            if (sweeps) sweep();
            await settled();
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("a lease", () => {
  test("is spent without asking, and without a promise", async () => {
    const centre = new NearCentre();
    const { store } = storeOver(centre);
    const claim = claimOn({ quota: 1_000_000 });
    for (let i = 0; i < 200; i++) {
      await store.consume([claim], START);
      await settled();
    }
    const { questions } = centre;
    for (let i = 0; i < 20; i++) expect(store.consume([claim], START)).not.toBeInstanceOf(Promise);
    expect(centre.questions).toBe(questions);
  });

  test("is given back when nobody has come for a while, and is another's to take", async () => {
    const centre = new NearCentre();
    const one = storeOver(centre);
    const other = storeOver(centre);
    const claim = claimOn({ quota: 100 });
    for (let i = 0; i < 8; i++) await one.store.consume([claim], START);
    await settled();
    const [before] = await other.store.peek([claim], START);
    expect(before?.used).toBeGreaterThan(8);
    for (let i = 0; i < 3; i++) one.sweep();
    await settled();
    const [after] = await other.store.peek([claim], START + 1_000);
    expect(after?.used).toBe(8);
  });

  test("is given back when its store closes", async () => {
    const centre = new NearCentre();
    const { store } = storeOver(centre);
    const claim = claimOn({ quota: 100 });
    for (let i = 0; i < 8; i++) await store.consume([claim], START);
    await settled();
    await store.close();
    const [verdict] = await storeOver(centre).store.peek([claim], START);
    expect(verdict?.used).toBe(8);
  });

  test("is shared by all stores over the same memory", async () => {
    const centre = new NearCentre();
    const one = storeOver(centre);
    const other = storeOver(centre, { memory: one.store.memory, owner: 2 });
    const claim = claimOn({ quota: 1_000 });
    for (let i = 0; i < 8; i++) await one.store.consume([claim], START);
    await settled();
    const { questions } = centre;
    const verdicts = other.store.consume([claim], START);
    expect(verdicts).not.toBeInstanceOf(Promise);
    expect((verdicts as readonly Verdict[])[0]?.used).toBe(9);
    expect(centre.questions).toBe(questions);
  });

  test("is spent on while the centre fails; what needs the centre is rejected with its error", async () => {
    const centre = new NearCentre();
    const { store } = storeOver(centre);
    const claim = claimOn({ quota: 1_000 });
    for (let i = 0; i < 8; i++) await store.consume([claim], START);
    await settled();
    centre.failure = new Error("gone");
    expect(store.consume([claim], START)).not.toBeInstanceOf(Promise);
    await expect(store.consume([{ ...claim, partition: "another" }], START)).rejects.toThrow("gone");
    centre.failure = undefined;
    expect(isAdmitted(await store.consume([{ ...claim, partition: "another" }], START))).toBe(true);
  });

  test("taken under a larger quota serves none with a smaller one", async () => {
    const centre = new NearCentre();
    const { store } = storeOver(centre);
    const before = claimOn({ quota: 100 });
    for (let i = 0; i < 8; i++) await store.consume([before], START);
    await settled();
    const lowered = claimOn({ quota: 9 });
    expect(isAdmitted(await store.consume([lowered], START))).toBe(true);
    await settled();
    expect(isAdmitted(await store.consume([lowered], START))).toBe(false);
  });
});

test("what a thread held locked when it died is freed, and what was leased there is spent by nobody", async () => {
  const centre = new NearCentre();
  const { store } = storeOver(centre);
  const claim = claimOn({ quota: 100 });
  for (let i = 0; i < 8; i++) await store.consume([claim], START);
  await settled();
  const leases = new LeaseTable(store.memory, 2);
  leases.table.lock(leases.placeOf(claim.limit, claim.partition).set);
  store.recover(2);
  const { questions } = centre;
  expect(isAdmitted(await store.consume([claim], START))).toBe(true);
  expect(centre.questions).toBeGreaterThan(questions);
});

describe("a denial", () => {
  test("is kept until the wait is over, and costs the centre next to nothing", async () => {
    const centre = new NearCentre();
    const { store } = storeOver(centre);
    const claim = claimOn({ quota: 3 });
    for (let i = 0; i < 3; i++) await store.consume([claim], START);
    await settled();
    const { questions } = centre;
    for (let i = 0; i < MINUTE; i += 1) expect(isAdmitted(await store.consume([claim], START + i))).toBe(false);
    expect(centre.questions - questions).toBeLessThan(100);
    expect(isAdmitted(await store.consume([claim], START + MINUTE))).toBe(true);
  });

  test("refuses no cheaper request, and none under a raised quota", async () => {
    const { store } = storeOver(new NearCentre());
    const claim = claimOn({ quota: 10 });
    await store.consume([{ ...claim, cost: 8 }], START);
    expect(isAdmitted(await store.consume([{ ...claim, cost: 3 }], START))).toBe(false);
    expect(isAdmitted(await store.consume([{ ...claim, cost: 2 }], START))).toBe(true);
    expect(isAdmitted(await store.consume([claim], START))).toBe(false);
    expect(isAdmitted(await store.consume([claimOn({ quota: 11 })], START))).toBe(true);
  });

  test("ends early when others have given back", async () => {
    const centre = new NearCentre();
    const one = storeOver(centre);
    const other = storeOver(centre);
    const claim = claimOn({ quota: 10 });
    const verdicts = await one.store.consume([{ ...claim, cost: 10 }], START);
    expect(isAdmitted(await other.store.consume([claim], START))).toBe(false);
    await one.store.refund([{ claim: { ...claim, cost: 10 }, ticket: verdicts[0]?.ticket ?? 0 }], START);
    for (let i = 0; i < 3; i++) one.sweep();
    await settled();
    await other.store.consume([claim], START + 100);
    await settled();
    expect(isAdmitted(await other.store.consume([claim], START + 100))).toBe(true);
  });

  test("that counts rejected requests is counted here, and told to the centre in sums", async () => {
    const centre = new NearCentre();
    const one = storeOver(centre);
    const claim = claimOn({ quota: 2, countRejected: true });
    for (let i = 0; i < 2; i++) await one.store.consume([claim], START);
    await settled();
    const { questions } = centre;
    for (let i = 0; i < 100; i++) await one.store.consume([claim], START);
    expect(centre.questions).toBe(questions);
    one.sweep();
    await settled();
    const [verdict] = await storeOver(centre).store.peek([claim], START);
    expect(verdict?.used).toBe(102);
  });
});

describe("a request that meets limits of both kinds", () => {
  const leased = claimOn({ name: "leased", quota: 5 });
  const inFlight = claimOn({ name: "in flight", algorithm: "concurrency", quota: 1, holdMs: MINUTE });

  test("is charged to all or, whichever denies, to none", async () => {
    const { store } = storeOver(new NearCentre());
    const [, place] = await store.consume([leased, inFlight], START);
    expect((await store.consume([leased, inFlight], START)).map(({ admitted, used }) => [admitted, used])).toEqual([
      [true, 1],
      [false, 1],
    ]);
    await store.refund([{ claim: inFlight, ticket: place?.ticket ?? 0 }], START);
    await store.consume([{ ...leased, cost: 4 }], START);
    expect((await store.consume([leased, inFlight], START)).map(({ admitted, used }) => [admitted, used])).toEqual([
      [false, 5],
      [true, 0],
    ]);
  });
});

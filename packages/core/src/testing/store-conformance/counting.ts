import type { AlgorithmName } from "../../limit.ts";
import { type Awaitable, NOT_CHARGED, type Store } from "../../store.ts";
import type { TestRunner } from "../test-runner.ts";
import { admitted, claimOn, MINUTE, remaining, retryAfterMs, START, used, withLimit } from "./claims.ts";

const WINDOWED: readonly AlgorithmName[] = ["fixed-window", "sliding-window", "token-bucket"];

/** One limit by itself: what it admits, what it charges, what it says. */
export function testCounting({ test, expect }: TestRunner, makeStore: () => Awaitable<Store>): void {
  for (const algorithm of WINDOWED) {
    test(`${algorithm}: admits the quota, not one unit more, and says when to come back`, async () => {
      const store = await makeStore();
      const claim = claimOn({ algorithm, quota: 3 });
      for (const left of [2, 1, 0]) {
        const verdicts = await store.consume([claim], START);
        expect(admitted(verdicts)).toEqual([true]);
        expect(remaining(verdicts)).toEqual([left]);
        expect(retryAfterMs(verdicts)).toEqual([0]);
      }
      const [denied] = await store.consume([claim], START);
      expect({ admitted: denied?.admitted, used: denied?.used, ticket: denied?.ticket }).toEqual({
        admitted: false,
        used: 3,
        ticket: NOT_CHARGED,
      });
      const waitMs = denied?.retryAfterMs ?? 0;
      expect(admitted(await store.peek([claim], START + waitMs - 1))).toEqual([false]);
      expect(admitted(await store.consume([claim], START + waitMs))).toEqual([true]);
    });

    test(`${algorithm}: a changed quota applies at once, and what was used stays used`, async () => {
      const store = await makeStore();
      const claim = claimOn({ algorithm, quota: 10 }, 4);
      await store.consume([claim], START);
      expect(remaining(await store.peek([withLimit(claim, { quota: 20 })], START))).toEqual([16]);
      expect(remaining(await store.peek([withLimit(claim, { quota: 5 })], START))).toEqual([1]);
      expect(remaining(await store.peek([withLimit(claim, { quota: 3 })], START))).toEqual([-1]);
    });

    test(`${algorithm}: a cost above the quota can never be, however long one waits`, async () => {
      const store = await makeStore();
      const verdicts = await store.consume([claimOn({ algorithm, quota: 10 }, 11)], START);
      expect(admitted(verdicts)).toEqual([false]);
      expect(used(verdicts)).toEqual([0]);
      expect(retryAfterMs(verdicts)).toEqual([Number.POSITIVE_INFINITY]);
    });

    test(`${algorithm}: a cost of nothing fits when nothing else does`, async () => {
      const store = await makeStore();
      const claim = claimOn({ algorithm, quota: 10 }, 10);
      await store.consume([claim], START);
      expect(admitted(await store.consume([{ ...claim, cost: 0 }], START))).toEqual([true]);
      expect(admitted(await store.consume([{ ...claim, cost: 1 }], START))).toEqual([false]);
    });

    test(`${algorithm}: charging is unconditional, above the quota too`, async () => {
      const store = await makeStore();
      const claim = claimOn({ algorithm, quota: 10 }, 8);
      await store.consume([claim], START);
      const verdicts = await store.charge([claim], START);
      expect(used(verdicts)).toEqual([16]);
      expect(remaining(verdicts)).toEqual([-6]);
      expect(admitted(await store.consume([{ ...claim, cost: 1 }], START))).toEqual([false]);
    });
  }

  test("a token bucket holds its burst and refills at its quota", async () => {
    const store = await makeStore();
    const claim = claimOn({ algorithm: "token-bucket", quota: 60, burst: 5 }, 5);
    expect(remaining(await store.consume([claim], START))).toEqual([0]);
    expect(remaining(await store.peek([claim], START + 2_000))).toEqual([2]);
    expect(remaining(await store.peek([claim], START + MINUTE))).toEqual([5]);
  });

  test("peeking says what consuming would, and charges nothing", async () => {
    const store = await makeStore();
    const claim = claimOn({ quota: 1 });
    expect(await store.peek([claim], START)).toEqual(await store.peek([claim], START));
    expect(admitted(await store.consume([claim], START))).toEqual([true]);
    expect(admitted(await store.peek([claim], START))).toEqual([false]);
    expect(used(await store.peek([claim], START))).toEqual([1]);
  });

  test("a rejected request that counts is charged, and what remains goes below zero", async () => {
    const store = await makeStore();
    const claim = claimOn({ quota: 2, countRejected: true });
    const left: number[] = [];
    for (let i = 0; i < 4; i++) left.push(...remaining(await store.consume([claim], START)));
    expect(left).toEqual([1, 0, -1, -2]);
    expect(admitted(await store.consume([claim], START + MINUTE))).toEqual([true]);
  });
}

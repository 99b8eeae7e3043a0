import { type Awaitable, NOT_CHARGED, type Store } from "../../store.ts";
import type { TestRunner } from "../test-runner.ts";
import { admitted, claimOn, START, used } from "./claims.ts";

/** Several limits at once: all are charged, or none but those that count rejected requests. */
export function testAllOrNothing({ test, expect }: TestRunner, makeStore: () => Awaitable<Store>): void {
  test("a request that every limit admits is charged to every limit", async () => {
    const store = await makeStore();
    const claims = [
      claimOn({}, 2),
      claimOn({ algorithm: "sliding-window" }, 3),
      claimOn({ algorithm: "token-bucket" }, 4),
      claimOn({ algorithm: "concurrency" }),
    ];
    expect(used(await store.consume(claims, START))).toEqual([2, 3, 4, 1]);
  });

  test("a request that one limit denies is charged to none, wherever in the order that one stands", async () => {
    const store = await makeStore();
    const full = claimOn({ quota: 1 });
    await store.consume([full], START);
    const others = [
      claimOn({ algorithm: "sliding-window" }),
      claimOn({ algorithm: "token-bucket" }),
      claimOn({ algorithm: "concurrency" }),
    ];
    for (let place = 0; place <= others.length; place++) {
      const verdicts = await store.consume(others.toSpliced(place, 0, full), START);
      expect(admitted(verdicts)).toEqual([true, true, true].toSpliced(place, 0, false));
      expect(used(verdicts)).toEqual([0, 0, 0].toSpliced(place, 0, 1));
      expect(verdicts.map((verdict) => verdict.ticket)).toEqual([NOT_CHARGED, NOT_CHARGED, NOT_CHARGED, NOT_CHARGED]);
    }
  });

  test("a limit that counts rejected requests is charged when another limit rejects", async () => {
    const store = await makeStore();
    const full = claimOn({ quota: 1 });
    await store.consume([full], START);
    const counting = claimOn({ countRejected: true });
    const sparing = claimOn();
    expect(used(await store.consume([counting, full, sparing], START))).toEqual([1, 1, 0]);
  });

  test("a shadow limit denies nothing, and counts what it would have admitted", async () => {
    const store = await makeStore();
    const shadow = claimOn({ quota: 2, mode: "shadow" });
    const enforced = claimOn({ quota: 3 });
    const seen = [];
    for (let i = 0; i < 4; i++) {
      const verdicts = await store.consume([shadow, enforced], START);
      seen.push({ admitted: admitted(verdicts), used: used(verdicts) });
    }
    expect(seen).toEqual([
      { admitted: [true, true], used: [1, 1] },
      { admitted: [true, true], used: [2, 2] },
      { admitted: [false, true], used: [2, 3] },
      { admitted: [false, false], used: [2, 3] },
    ]);
  });

  test("a request that meets no limit gets no verdict", async () => {
    const store = await makeStore();
    expect(await store.consume([], START)).toEqual([]);
  });
}

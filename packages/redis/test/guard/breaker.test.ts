import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Breaker, type CallOutcome } from "../../src/guard/breaker.ts";
import { NaiveBreaker } from "./naive-breaker.ts";

/** Something that happens, so many ms after what happened before. */
type Step = { readonly afterMs: number } & (
  | { readonly kind: "enter" }
  /** One of the calls under way ends. */
  | { readonly kind: "leave"; readonly which: number; readonly outcome: CallOutcome }
);

const afterMs = fc.oneof(fc.constant(0), fc.integer({ max: 60, min: 1 }), fc.integer({ max: 3000, min: 61 }));
const outcome = fc.constantFrom<CallOutcome>("success", "success", "success", "failure", "failure", "failure", "lost");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ afterMs, kind: fc.constant("enter" as const) }),
  fc.record({ afterMs, kind: fc.constant("leave" as const), which: fc.nat(), outcome }),
);
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("a breaker does what one does that looks through all that ever happened", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), chance, (steps, random) => {
      const breaker = new Breaker(() => random);
      const naive = new NaiveBreaker(random);
      const underWay: { readonly pass: number; readonly naivePass: number }[] = [];
      let now = 0;
      for (const one of steps) {
        now += one.afterMs;
        if (one.kind === "enter") {
          const pass = breaker.enter(now);
          const naivePass = naive.enter(now);
          expect(pass === undefined).toBe(naivePass === undefined);
          if (pass !== undefined && naivePass !== undefined) underWay.push({ pass, naivePass });
        } else {
          const [call] = underWay.splice(one.which % Math.max(1, underWay.length), 1);
          if (!call) continue;
          breaker.leave(call.pass, one.outcome, now);
          naive.leave(call.naivePass, one.outcome, now);
        }
        expect(breaker.state).toBe(naive.state);
      }
    }),
    { numRuns: 1000 },
  );
});

/** A timeline of calls that end as they begin: which got through, and the state after each. */
function timeline(breaker: Breaker, rows: readonly (readonly [atMs: number, outcome: CallOutcome])[]): string[] {
  return rows.map(([at, ends]) => {
    const pass = breaker.enter(at);
    if (pass === undefined) return `${at} refused, ${breaker.state}`;
    breaker.leave(pass, ends, at);
    return `${at} ${ends}, ${breaker.state}`;
  });
}

describe("a breaker", () => {
  test("opens on the fifth call of a second if half of them failed, and closes on the first success", () => {
    const breaker = new Breaker(() => 0);
    const rows = timeline(breaker, [
      [1000, "success"],
      [1100, "success"],
      [1200, "failure"],
      [1300, "failure"],
      [1400, "failure"],
      [1499, "success"],
      [1500, "success"],
      [1501, "failure"],
    ]);
    expect(rows).toEqual([
      "1000 success, closed",
      "1100 success, closed",
      "1200 failure, closed",
      "1300 failure, closed",
      "1400 failure, open",
      "1499 refused, open",
      "1500 success, closed",
      "1501 failure, closed",
    ]);
  });

  test("does not hold against a store what is longer ago than a second", () => {
    const rows = timeline(new Breaker(), [
      [0, "failure"],
      [400, "failure"],
      [800, "failure"],
      [1200, "failure"],
      [1600, "failure"],
      [2000, "failure"],
    ]);
    expect(rows.at(-1)).toBe("2000 failure, closed");
  });

  test("opens at once when the connection is lost", () => {
    expect(timeline(new Breaker(), [[0, "lost"]])).toEqual(["0 lost, open"]);
  });

  test("waits twice as long after each probe that fails, up to two seconds", () => {
    const breaker = new Breaker(() => 1);
    breaker.leave(breaker.enter(0) as number, "lost", 0);
    const probes: number[] = [];
    for (let now = 0; now < 12_000; now++) {
      const pass = breaker.enter(now);
      if (pass === undefined) continue;
      probes.push(now);
      breaker.leave(pass, "failure", now);
    }
    expect(probes).toEqual([200, 600, 1400, 3000, 5000, 7000, 9000, 11_000]);
  });

  test("lets no second call through while one probes", () => {
    const breaker = new Breaker(() => 0);
    breaker.leave(breaker.enter(0) as number, "lost", 0);
    const probe = breaker.enter(100) as number;
    expect([breaker.enter(100), breaker.enter(5000)]).toEqual([undefined, undefined]);
    breaker.leave(probe, "success", 5001);
    expect(breaker.state).toBe("closed");
  });

  test("is not closed, nor opened anew, by calls from before", () => {
    const breaker = new Breaker(() => 0);
    const slow = Array.from({ length: 10 }, () => breaker.enter(0) as number);
    breaker.leave(slow[0] as number, "lost", 1);
    breaker.leave(slow[1] as number, "success", 2);
    expect(breaker.state).toBe("open");
    breaker.leave(breaker.enter(101) as number, "success", 102);
    for (const pass of slow.slice(2)) breaker.leave(pass, "lost", 103);
    expect(breaker.state).toBe("closed");
  });

  test("of many processes that lost one store, few come back at the same moment", () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 0x7fffffff;
      return seed / 0x7fffffff;
    };
    const probesIn = new Map<number, number>();
    for (let process = 0; process < 1000; process++) {
      const breaker = new Breaker(random);
      breaker.leave(breaker.enter(0) as number, "lost", 0);
      let now = 0;
      while (breaker.enter(now) === undefined) now += 1;
      probesIn.set(Math.floor(now / 10), (probesIn.get(Math.floor(now / 10)) ?? 0) + 1);
    }
    expect(Math.min(...probesIn.keys())).toBe(10);
    expect(Math.max(...probesIn.values())).toBeLessThan(150);
  });
});

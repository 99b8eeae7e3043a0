import { describe, expect, test } from "vitest";
import { defineLimit, type LimitSpec, MemoryStore } from "../src/index.ts";

/** What a caller asks for at an instant (ms), and what comes of it. `wait` is in ms; Infinity is never. */
interface Moment {
  readonly at: number;
  readonly cost: number;
  readonly admitted: boolean;
  readonly remaining: number;
  readonly wait?: number;
}

const yes = (at: number, cost: number, remaining: number): Moment => ({ at, cost, admitted: true, remaining });
const no = (at: number, cost: number, remaining: number, wait: number): Moment => ({
  at,
  cost,
  admitted: false,
  remaining,
  wait,
});

/** One caller, one limit: each line is `yes|no(at, cost, remaining, wait)`. */
function timeline(name: string, spec: Omit<LimitSpec, "name">, moments: readonly Moment[]): void {
  test(name, () => {
    const limit = defineLimit({ name, ...spec });
    const store = new MemoryStore({ maxPartitions: 10, maxHolders: 10 });
    const seen = moments.map(({ at, cost }): Moment => {
      const [verdict] = store.consume([{ limit, partition: "caller", cost }], at);
      if (!verdict) throw new Error("a store gives one verdict a claim");
      const { admitted, remaining, retryAfterMs } = verdict;
      return admitted ? yes(at, cost, remaining) : no(at, cost, remaining, retryAfterMs);
    });
    expect(seen).toEqual(moments);
  });
}

describe("fixed-window, 3 in 10 ms", () => {
  const spec = { algorithm: "fixed-window", quota: 3, windowMs: 10 } as const;

  timeline("the window opens at the first request", spec, [
    yes(7, 1, 2),
    yes(7, 1, 1),
    yes(9, 1, 0),
    no(9, 1, 0, 8),
    no(16, 1, 0, 1),
    yes(17, 1, 2),
  ]);

  timeline("align: clock: the window opens on a multiple of its length", { ...spec, align: "clock" }, [
    yes(7, 3, 0),
    no(9, 1, 0, 1),
    yes(10, 1, 2),
    yes(19, 2, 0),
    no(19, 3, 0, 1),
    yes(20, 3, 0),
  ]);

  timeline("a request takes its cost whole or not at all", spec, [
    yes(0, 2, 1),
    no(1, 2, 1, 9),
    yes(1, 1, 0),
    yes(1, 0, 0),
    no(1, 4, 0, Number.POSITIVE_INFINITY),
  ]);

  timeline("countRejected: rejected requests take what is not there", { ...spec, countRejected: true }, [
    yes(0, 3, 0),
    no(1, 1, -1, 9),
    no(2, 2, -3, 8),
    yes(10, 1, 2),
  ]);

  timeline("a clock set back a little goes on in the same window", spec, [
    yes(100, 2, 1),
    yes(95, 1, 0),
    no(95, 1, 0, 15),
    no(109, 1, 0, 1),
    yes(110, 1, 2),
  ]);

  timeline("a clock set back far begins the window anew, with its count", spec, [
    yes(1_000, 2, 1),
    yes(500, 1, 0),
    no(500, 1, 0, 10),
    yes(510, 1, 2),
  ]);
});

describe("sliding-window, 10 in 10 ms", () => {
  const spec = { algorithm: "sliding-window", quota: 10, windowMs: 10 } as const;

  timeline("the previous window counts for the share of it still covered", spec, [
    yes(9, 10, 0),
    no(10, 1, 0, 1),
    yes(11, 1, 0),
    no(11, 2, 0, 2),
    yes(15, 3, 1),
    yes(20, 1, 5),
  ]);

  timeline("a clock set back a little, over a window's edge too, changes nothing once it is back", spec, [
    yes(9, 4, 6),
    yes(15, 1, 7),
    yes(8, 0, 5),
    yes(15, 0, 7),
    yes(19, 0, 8),
  ]);

  timeline("a window apart, nothing is left", spec, [yes(5, 10, 0), no(19, 10, 9, 1), yes(20, 10, 0)]);

  timeline("a full window takes the next one, too, to be quite gone", spec, [
    yes(0, 10, 0),
    no(0, 10, 0, 20),
    no(19, 10, 9, 1),
    yes(20, 10, 0),
  ]);
});

describe("token-bucket, 1 in 10 ms, burst 3", () => {
  const spec = { algorithm: "token-bucket", quota: 1, windowMs: 10, burst: 3 } as const;

  timeline("starts full, and refills continuously", spec, [
    yes(0, 1, 2),
    yes(0, 2, 0),
    no(0, 1, 0, 10),
    no(9, 1, 0, 1),
    yes(10, 1, 0),
    no(15, 1, 0, 5),
    yes(30, 2, 0),
  ]);

  timeline("never holds more than the burst, however long nobody comes", spec, [
    yes(0, 3, 0),
    yes(1_000_000, 3, 0),
    no(1_000_000, 1, 0, 10),
  ]);

  timeline("a part of a unit is kept, and not shown", spec, [
    yes(0, 3, 0),
    no(19, 2, 1, 1),
    yes(19, 1, 0),
    yes(20, 1, 0),
    no(20, 4, 0, Number.POSITIVE_INFINITY),
  ]);

  timeline("a clock set back refills nothing twice", spec, [
    yes(100, 3, 0),
    no(95, 1, 0, 15),
    no(100, 1, 0, 10),
    yes(110, 1, 0),
  ]);
});

describe("token-bucket, 3 in 10 ms", () => {
  timeline("waits are rounded up to the ms", { algorithm: "token-bucket", quota: 3, windowMs: 10 }, [
    yes(0, 3, 0),
    no(0, 1, 0, 4),
    no(3, 1, 0, 1),
    yes(4, 1, 0),
    no(4, 1, 0, 3),
    yes(7, 1, 0),
    yes(10, 1, 0),
  ]);
});

describe("concurrency, 2 at once, held 10 ms", () => {
  timeline("whoever does not leave loses its place", { algorithm: "concurrency", quota: 2, holdMs: 10 }, [
    yes(0, 1, 1),
    yes(3, 1, 0),
    no(4, 1, 0, 6),
    yes(10, 1, 0),
    no(10, 1, 0, 3),
    yes(13, 1, 0),
  ]);
});

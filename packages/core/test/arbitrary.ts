import fc from "fast-check";
import { type AlgorithmName, type Claim, defineLimit, type Limit, MemoryStore } from "../src/index.ts";

export const ALGORITHMS: readonly AlgorithmName[] = ["fixed-window", "sliding-window", "token-bucket", "concurrency"];

/** Something that comes `gapMs` after what came before, and asks for `cost`. */
export interface Arrival {
  readonly gapMs: number;
  readonly cost: number;
}

/** A limit, and what happens to it from `start` on, epoch ms. */
export interface Story {
  readonly limit: Limit;
  readonly start: number;
  readonly arrivals: readonly Arrival[];
}

/** Small and odd quotas and windows find edges; large ones find lost digits. */
const quotas = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }) }, fc.constantFrom(97, 1_000, 999_983));
const windows = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40 }) },
  fc.constantFrom(97, 1_000, 1_001, 60_000, 86_399_999),
);
const starts = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 });

/** Any limit of an algorithm. Each has a name of its own. */
export function anyLimit(algorithm: AlgorithmName): fc.Arbitrary<Limit> {
  const common = { name: fc.uuid(), algorithm: fc.constant(algorithm), quota: quotas };
  if (algorithm === "concurrency") {
    return fc.record({ ...common, quota: fc.integer({ min: 1, max: 6 }), holdMs: windows }).map(defineLimit);
  }
  const counted = { ...common, windowMs: windows, countRejected: fc.boolean() };
  if (algorithm === "token-bucket") return fc.record({ ...counted, burst: quotas }).map(defineLimit);
  return fc.record({ ...counted, align: fc.constantFrom("first-request", "clock") }).map(defineLimit);
}

/** Arrivals that are dense enough to meet a limit's edge, and far enough apart to see it recover. */
export function arrivalsAt(limit: Limit): fc.Arbitrary<Arrival> {
  const { windowMs, capacity } = limit;
  const gaps = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: Math.ceil(windowMs / 4) }),
    fc.integer({ min: 0, max: 2 * windowMs + 1 }),
  );
  const costs = fc.oneof(
    fc.constant(1),
    fc.integer({ min: 0, max: Math.ceil(capacity / 2) }),
    fc.integer({ min: 0, max: capacity + 1 }),
  );
  return fc.record({ gapMs: gaps, cost: limit.algorithm === "concurrency" ? fc.constant(1) : costs });
}

/** A story of any limit of an algorithm. */
export function anyStory(algorithm: AlgorithmName): fc.Arbitrary<Story> {
  return anyLimit(algorithm).chain((limit) =>
    fc.record({
      limit: fc.constant(limit),
      start: starts,
      arrivals: fc.array(arrivalsAt(limit), { minLength: 1, maxLength: 40 }),
    }),
  );
}

/** A store just large enough for a story. */
export function smallStore(): MemoryStore {
  return new MemoryStore({ maxPartitions: 10, maxHolders: 64 });
}

/** A claim of the story's one caller. */
export function claimOn(limit: Limit, cost: number): Claim {
  return { limit, partition: "caller", cost };
}

/** A story's arrivals with the instant each comes at. */
export function* instants({ start, arrivals }: Story): Generator<{ readonly now: number; readonly cost: number }> {
  let now = start;
  for (const { gapMs, cost } of arrivals) {
    now += gapMs;
    yield { now, cost };
  }
}

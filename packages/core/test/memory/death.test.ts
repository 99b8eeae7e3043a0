import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AlgorithmName, type Claim, defineLimit, type Limit, MemoryStore, NOT_CHARGED } from "../../src/index.ts";
import { DyingStore } from "./dying-store.ts";
import { faultsOf } from "./soundness.ts";

const NOW = 1_700_000_000_000;
const ALGORITHMS = ["fixed-window", "sliding-window", "token-bucket", "concurrency"] as const;
const SURVIVOR = 1;
const DEAD = 2;

/** What one call does: `windowMs` differs from call to call, as after a change of the policy. */
interface Step {
  readonly doing: "consume" | "charge" | "refund" | "reset";
  readonly partition: string;
  readonly windowMs: number;
  readonly laterMs: number;
}

const timelines = (partitions: readonly string[]) => {
  const step: fc.Arbitrary<Step> = fc.record({
    doing: fc.constantFrom("consume", "consume", "consume", "charge", "refund", "reset"),
    partition: fc.constantFrom(...partitions),
    windowMs: fc.constantFrom(1_000, 1_000, 1_000, 1_000, 400),
    laterMs: fc.constantFrom(-1_500, 0, 0, 1, 300, 300, 700, 1_000, 2_500),
  });
  return fc.tuple(fc.array(step, { maxLength: 12 }), step);
};

describe("a thread that dies at any of the writes that a call makes to shared memory", () => {
  test("once recovered holds no lock, keeps no holder and leaves every list whole, be the table ever so full", () => {
    fc.assert(
      fc.property(timelines(["a", "b", "c", "d", "e"]), ([past, last]) => {
        const { memory, now, tickets } = lived(past, { maxPartitions: 1, maxHolders: 6 });
        const faults = deathsOver(memory, (store) => perform(store, last, now, tickets)).map(faultsOf);
        expect(faults.flat()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("leaves nothing counted too little, and of windows and places in flight nothing but its own request too much", () => {
    fc.assert(
      fc.property(timelines(["a"]), fc.constantFrom(0, 1, 350, 999, 1_400), ([past, last], afterMs) => {
        const { memory, now, tickets } = lived(past, { maxPartitions: 100, maxHolders: 100 });
        const calledAt = now + last.laterMs;
        const at = calledAt + afterMs;
        // The call was never made, or did no more than look, or all that it should.
        const [never, looked, done] = [copyOf(memory), copyOf(memory), copyOf(memory)];
        usedIn(looked, last, calledAt);
        perform(new MemoryStore(done), last, now, tickets);
        const outcomes = [never, looked, done].map((outcome) => usedIn(outcome, last, at));

        for (const left of deathsOver(memory, (store) => perform(store, last, now, tickets))) {
          for (const [i, used] of usedIn(left, last, at).entries()) {
            const bounds = outcomes.map((outcome) => outcome[i] as number);
            expect(used).toBeGreaterThanOrEqual(Math.min(...bounds));
            if (ALGORITHMS[i] === "sliding-window" || ALGORITHMS[i] === "token-bucket") continue;
            expect(used).toBeLessThanOrEqual(Math.max(...bounds));
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

function limitOf(algorithm: AlgorithmName, windowMs: number): Limit {
  const time = algorithm === "concurrency" ? { holdMs: windowMs } : { windowMs };
  return defineLimit({ name: algorithm, algorithm, quota: 3, ...time });
}

function claimsOf({ partition, windowMs }: Step): Claim[] {
  return ALGORITHMS.map((algorithm) => ({ limit: limitOf(algorithm, windowMs), partition, cost: 1 }));
}

/** What a call charges can be given back: its tickets are kept by partition. */
type Tickets = Map<string, readonly number[]>;

function perform(store: MemoryStore, step: Step, before: number, tickets: Tickets): void {
  const claims = claimsOf(step);
  const now = before + step.laterMs;
  if (step.doing === "reset") {
    store.reset(claims);
  } else if (step.doing === "refund") {
    const known = tickets.get(step.partition) ?? [];
    const charges = claims.map((claim, i) => ({ claim, ticket: known[i] ?? NOT_CHARGED }));
    store.refund(charges, now);
  } else {
    const verdicts = store[step.doing](claims, now);
    const given = verdicts.map(({ ticket }) => ticket);
    tickets.set(step.partition, given);
  }
}

/** A memory after all these calls. */
function lived(past: readonly Step[], size: { maxPartitions: number; maxHolders: number }) {
  const store = new MemoryStore(size);
  const tickets: Tickets = new Map();
  let now = NOW;
  for (const step of past) {
    perform(store, step, now, tickets);
    now += step.laterMs;
  }
  return { memory: store.memory, now, tickets };
}

/** What a call leaves of the memory that dies over its first write, its second and so on, each recovered. */
function deathsOver(memory: SharedArrayBuffer, call: (store: MemoryStore) => void): SharedArrayBuffer[] {
  const left: SharedArrayBuffer[] = [];
  for (let writes = 0; ; writes++) {
    const copy = copyOf(memory);
    const survives = new DyingStore(copy, DEAD, writes).run(call);
    if (survives) return left;
    new MemoryStore(copy, SURVIVOR).recover(DEAD);
    left.push(copy);
  }
}

function copyOf(memory: SharedArrayBuffer): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(memory.byteLength);
  new Uint8Array(copy).set(new Uint8Array(memory));
  return copy;
}

function usedIn(memory: SharedArrayBuffer, step: Step, now: number): number[] {
  return new MemoryStore(memory).peek(claimsOf(step), now).map(({ used }) => used);
}

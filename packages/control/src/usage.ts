import type { Limit, Store } from "@headgate/core";
import { limitFor, type Policy } from "@headgate/policy";
import type { UsageCaller } from "./usage-caller.ts";
import { type Counter, countersOf } from "./usage-counters.ts";

/** What enforces: counters live in its store, in the memory of the process that serves. */
export interface Enforcement {
  readonly policy: Policy;
  readonly store: Store;
}

/** How one counter stands for one caller. */
export interface Usage {
  /** The limit's name. */
  readonly limit: string;
  readonly per: Readonly<Record<string, string>>;
  /** What this caller has, by its plan and overrides; undefined where the limit does not hold for it. */
  readonly quota: number | undefined;
  readonly used: number;
  readonly remaining: number | undefined;
  /** Ms until the whole quota is there again; 0 where nothing is used. */
  readonly resetMs: number;
}

/** Claims that a store takes at once. */
const MOST_CLAIMS = 64;
/** Counters looked at for one answer: reading them holds up requests, if only for milliseconds. */
const MOST_COUNTERS = 20_000;

/**
 * How callers stand with every limit that counts by them: counters in use, and one of each limit in any case.
 * `isComplete` is false where there were more counters than can be looked at.
 */
export async function usageOf(
  { policy, store }: Enforcement,
  callers: readonly UsageCaller[],
  now: number,
): Promise<{ usages: readonly Usage[]; isComplete: boolean }> {
  const usages: Usage[] = [];
  let counters = 0;
  for (const caller of callers) {
    const own = countersOf(policy, caller);
    counters += own.length;
    if (counters > MOST_COUNTERS) return { usages, isComplete: false };
    usages.push(...inUse(await standings(store, own, caller, now)));
  }
  return { usages, isComplete: true };
}

/** Forgets what callers have used of one limit, under every endpoint and method. Tells how many counters that was. */
export async function resetUsage(
  { policy, store }: Enforcement,
  callers: readonly UsageCaller[],
  limit: string,
): Promise<number> {
  const counters = callers
    .flatMap((caller) => countersOf(policy, caller))
    .filter(({ policyLimit }) => policyLimit.limit.name === limit);
  for (const batch of batchesOf(counters)) {
    await store.reset(batch.map(({ policyLimit, partition }) => ({ limit: policyLimit.limit, partition, cost: 1 })));
  }
  return counters.length;
}

interface Standing extends Usage {
  readonly counter: Counter;
}

async function standings(
  store: Store,
  counters: readonly Counter[],
  caller: UsageCaller,
  now: number,
): Promise<Standing[]> {
  const all: Standing[] = [];
  for (const batch of batchesOf(counters)) {
    const limits = batch.map(({ policyLimit }) => limitFor(policyLimit, caller, now));
    const claims = batch.map(({ policyLimit, partition }, i) => {
      return { limit: limits[i] ?? policyLimit.limit, partition, cost: 1 };
    });
    const verdicts = await store.peek(claims, now);
    for (const [i, counter] of batch.entries()) {
      const { used = 0, remaining = 0, resetMs = 0 } = verdicts[i] ?? {};
      all.push({ counter, ...usageFrom(counter, limits[i], used, remaining, resetMs) });
    }
  }
  return all;
}

function usageFrom(
  { policyLimit, per }: Counter,
  limit: Limit | undefined,
  used: number,
  remaining: number,
  resetMs: number,
): Usage {
  return {
    limit: policyLimit.limit.name,
    per,
    quota: limit?.quota,
    used,
    remaining: limit && remaining,
    // A store tells of a counter without use what one request now would make it.
    resetMs: used > 0 ? resetMs : 0,
  };
}

/** The counters in use, and of a limit without any the first. */
function inUse(all: readonly Standing[]): Usage[] {
  const used = new Set(all.filter((standing) => standing.used > 0).map(({ counter }) => counter.policyLimit));
  const shown = new Set(used);
  return all
    .filter((standing) => {
      const { policyLimit } = standing.counter;
      if (used.has(policyLimit)) return standing.used > 0;
      return !shown.has(policyLimit) && shown.add(policyLimit);
    })
    .map(({ counter: _, ...usage }) => usage);
}

function batchesOf(counters: readonly Counter[]): (readonly Counter[])[] {
  const batches: (readonly Counter[])[] = [];
  for (let i = 0; i < counters.length; i += MOST_CLAIMS) batches.push(counters.slice(i, i + MOST_CLAIMS));
  return batches;
}

import type { CallerTally, Rehearsal } from "../rehearsal.ts";

/** What another policy would change for the same traffic. */
export interface Comparison {
  readonly before: Rehearsal;
  readonly after: Rehearsal;
  /** Callers that are refused more often or less often, the greatest difference first. */
  readonly callers: readonly CallerChange[];
  readonly newlyRefused: number;
  readonly noLongerRefused: number;
  /** Limits of either policy by name, those of `after` first. */
  readonly limits: readonly CountChange[];
  /** Endpoints of either policy. */
  readonly endpoints: readonly CountChange[];
  /**
   * Whether both rehearsals list every caller they refused. If not, a caller that one of them does not list is refused
   * there less often than those that are, and nothing more is known.
   */
  readonly isComplete: boolean;
}

export interface CallerChange {
  readonly kind: string;
  readonly value: string;
  /** Refused requests; null where that is not known. */
  readonly before: number | null;
  readonly after: number | null;
  readonly effect: "newly-refused" | "no-longer-refused" | "refused-more" | "refused-less";
}

/** Refused requests; null where the policy has no such thing. */
export interface CountChange {
  /** Null for all routes that are no endpoint. */
  readonly name: string | null;
  readonly before: number | null;
  readonly after: number | null;
}

/** Compares what two policies would have done to the same traffic. Ask both rehearsals for as many callers as may be. */
export function compare(before: Rehearsal, after: Rehearsal): Comparison {
  const callers = callerChanges(before, after);
  return {
    before,
    after,
    callers,
    newlyRefused: callers.filter(({ effect }) => effect === "newly-refused").length,
    noLongerRefused: callers.filter(({ effect }) => effect === "no-longer-refused").length,
    limits: countChanges(limitCounts(before), limitCounts(after)),
    endpoints: countChanges(endpointCounts(before), endpointCounts(after)),
    isComplete: listsAll(before) && listsAll(after),
  };
}

function callerChanges(before: Rehearsal, after: Rehearsal): CallerChange[] {
  const earlier = callersByName(before);
  const later = callersByName(after);
  const changes: CallerChange[] = [];
  for (const [name, { kind, value }] of new Map([...earlier, ...later])) {
    const counts = {
      before: earlier.get(name)?.refused ?? unlistedCount(before),
      after: later.get(name)?.refused ?? unlistedCount(after),
    };
    const effect = effectOf(counts);
    if (effect) changes.push({ kind, value, ...counts, effect });
  }
  return changes.toSorted((a, b) => differenceOf(b) - differenceOf(a));
}

function effectOf({ before, after }: Pick<CallerChange, "before" | "after">): CallerChange["effect"] | undefined {
  if (before === after) return undefined;
  if (before === 0) return "newly-refused";
  if (after === 0) return "no-longer-refused";
  return (before ?? 0) < (after ?? 0) ? "refused-more" : "refused-less";
}

function differenceOf({ before, after }: CallerChange): number {
  return Math.abs((after ?? 0) - (before ?? 0));
}

function callersByName({ callers }: Rehearsal): Map<string, CallerTally> {
  return new Map(callers.map((caller) => [`${caller.kind} ${caller.value}`, caller]));
}

/** How often a caller was refused that is not listed. */
function unlistedCount(rehearsal: Rehearsal): number | null {
  return listsAll(rehearsal) ? 0 : null;
}

function listsAll({ callers, callersRefused }: Rehearsal): boolean {
  return !callersRefused.isEstimate && callers.filter(({ refused }) => refused > 0).length >= callersRefused.count;
}

type Counts = ReadonlyMap<string | null, number>;

/** Of a limit what it denied: shadow limits change too. */
function limitCounts({ limits }: Rehearsal): Counts {
  return new Map(limits.map(({ name, denied }) => [name, denied]));
}

function endpointCounts({ endpoints }: Rehearsal): Counts {
  return new Map(endpoints.map(({ endpoint, refused }) => [endpoint, refused]));
}

function countChanges(before: Counts, after: Counts): CountChange[] {
  const names = new Set([...after.keys(), ...before.keys()]);
  return [...names].map((name) => ({ name, before: before.get(name) ?? null, after: after.get(name) ?? null }));
}

/** What becomes of a request that is decided. */
const REQUEST_OUTCOMES = ["admitted", "refused", "suspended", "too-large", "unauthenticated", "forbidden"] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** What a limit says of a request; `shadow-refused` where it is only tried out, and so refuses nobody. */
const LIMIT_OUTCOMES = ["admitted", "refused", "shadow-refused"] as const;
type LimitOutcome = (typeof LIMIT_OUTCOMES)[number];

/** What was decided, counted. Data, so that threads can send it. */
export interface DecisionCounts {
  readonly requests: Readonly<Record<RequestOutcome, number>>;
  /** By the limit's name: limits of one name are one here. */
  readonly limits: ReadonlyMap<string, Readonly<Record<LimitOutcome, number>>>;
}

/** Hears what was decided since the last time. */
export type OnDecisions = (counts: DecisionCounts) => void;

/** Counts that go on. */
export class RunningCounts implements DecisionCounts {
  readonly requests: Record<RequestOutcome, number> = zeros(REQUEST_OUTCOMES);
  readonly limits: Map<string, Record<LimitOutcome, number>> = new Map();

  /** Of one limit. */
  of(limit: string): Record<LimitOutcome, number> {
    let counts = this.limits.get(limit);
    if (!counts) {
      counts = zeros(LIMIT_OUTCOMES);
      this.limits.set(limit, counts);
    }
    return counts;
  }

  add({ requests, limits }: DecisionCounts): void {
    addTo(this.requests, requests);
    for (const [limit, counts] of limits) addTo(this.of(limit), counts);
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

function addTo<Name extends string>(sums: Record<Name, number>, counts: Readonly<Record<Name, number>>): void {
  for (const name of Object.keys(sums) as Name[]) sums[name] += counts[name];
}

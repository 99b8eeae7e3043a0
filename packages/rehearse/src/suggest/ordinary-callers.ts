import type { Peaks } from "./peaks.ts";

/** What a limit can be about: a scope of a crowd and a window, by their indexes. */
export interface Place {
  readonly scope: number;
  readonly window: number;
}

/** The callers of a crowd, without those that are set aside. */
export class OrdinaryCallers {
  readonly #peaks: Peaks;
  readonly #outliers: ReadonlySet<number>;

  constructor(peaks: Peaks, outliers: ReadonlySet<number>) {
    this.#peaks = peaks;
    this.#outliers = outliers;
  }

  /** How many callers there were, with those set aside; of a sample, how many that makes of all. */
  get callers(): number {
    return this.#peaks.callers * this.#peaks.keptOf;
  }

  /** How many were set aside, of the same. */
  get setAside(): number {
    return this.#outliers.size * this.#peaks.keptOf;
  }

  get isEstimate(): boolean {
    return this.#peaks.keptOf > 1;
  }

  /** The most that any of them asked for. */
  peak(place: Place): number {
    return this.#twoHighest(place, this.#outliers)[0];
  }

  /** The most that any but one of them asked for: how much a quota owes to a single caller. */
  peakButOne(place: Place): number {
    return this.#twoHighest(place, this.#outliers)[1];
  }

  /** The most that any caller asked for, also of those set aside. */
  peakOfAll(place: Place): number {
    return this.#twoHighest(place, new Set())[0];
  }

  #twoHighest({ scope, window }: Place, except: ReadonlySet<number>): [first: number, second: number] {
    let first = 0;
    let second = 0;
    for (let caller = 0; caller < this.#peaks.callers; caller++) {
      if (except.has(caller)) continue;
      const peak = this.#peaks.peak(caller, scope, window);
      second = Math.max(second, Math.min(first, peak));
      first = Math.max(first, peak);
    }
    return [first, second];
  }
}

/**
 * Sets aside as many callers as may be refused: those that stand out most, in any of the places, above what so many exceed
 * there. Quotas that allow what the others asked for never refuse one of them.
 */
export function setAside(peaks: Peaks, places: readonly Place[], share: number): OrdinaryCallers {
  const most = mayBeRefused(peaks, share);
  const heights = new Float64Array(peaks.callers);
  for (const place of places) {
    const reference = rankedPeak(peaks, place, most);
    for (let caller = 0; caller < peaks.callers; caller++) {
      const height = peaks.peak(caller, place.scope, place.window) / reference;
      heights[caller] = Math.max(heights[caller] as number, height);
    }
  }
  // Whoever is above none of the references is not refused anyway.
  const above = [...heights.keys()].filter((caller) => (heights[caller] as number) > 1);
  above.sort((a, b) => (heights[b] as number) - (heights[a] as number));
  return new OrdinaryCallers(peaks, new Set(above.slice(0, most)));
}

/** Of a sample, so few that there is next to no chance of it being more of all. */
function mayBeRefused({ callers, keptOf }: Peaks, share: number): number {
  const most = Math.floor(callers * share);
  return keptOf === 1 ? most : Math.max(0, Math.floor(most - 3 * Math.sqrt(most)));
}

/** What at most `rank` callers exceed; at least 1. */
function rankedPeak(peaks: Peaks, { scope, window }: Place, rank: number): number {
  const sorted = Uint32Array.from({ length: peaks.callers }, (_, caller) => peaks.peak(caller, scope, window)).sort();
  return Math.max(1, sorted[sorted.length - 1 - rank] ?? 0);
}

import type { CandidateWindow } from "./candidate-windows.ts";
import { chooseWindows, type WindowQuota } from "./chosen-windows.ts";
import type { Crowd, Scope } from "./crowd.ts";
import { type OrdinaryCallers, type Place, setAside } from "./ordinary-callers.ts";
import type { Peaks } from "./peaks.ts";

/** A limit, and what it was made from. */
export interface SuggestedLimit {
  readonly name: string;
  readonly crowd: Crowd;
  /** The endpoint group it is about; undefined for all requests. */
  readonly group: string | undefined;
  readonly window: CandidateWindow;
  readonly quota: number;
  /** The most in one window that any caller asked for who was not set aside. */
  readonly peak: number;
  /** The most that any but one of those did. */
  readonly peakButOne: number;
  /** The most that any caller at all did. */
  readonly peakOfAll: number;
}

/** What is suggested for a crowd. */
export interface CrowdLimits {
  readonly crowd: Crowd;
  readonly ordinary: OrdinaryCallers;
  /** None where nobody came. */
  readonly limits: readonly SuggestedLimit[];
}

/**
 * Suggests limits for a crowd, of which a share may be refused, with as much headroom. They are chosen twice: first from all
 * there can be, then from those. So a caller that stands out only where there is no limit is not set aside for nothing.
 */
export function suggestedLimits(
  crowd: Crowd,
  peaks: Peaks,
  windows: readonly CandidateWindow[],
  { share, headroom }: { readonly share: number; readonly headroom: number },
): CrowdLimits {
  const every = crowd.scopes.flatMap((_, scope) => windows.map((_, window) => ({ scope, window })));
  const first = setAside(peaks, every, share);
  const candidates = first.callers === 0 ? [] : choosePlaces(crowd, windows, every, quotasOf(first, headroom));
  const ordinary = setAside(peaks, candidates, share);
  const quotaAt = quotasOf(ordinary, headroom);
  const limits = choosePlaces(crowd, windows, candidates, quotaAt).map((place): SuggestedLimit => {
    const { name, group } = crowd.scopes[place.scope] as Scope;
    const window = windows[place.window] as CandidateWindow;
    return {
      name: `${name}-${window.text}`,
      crowd,
      group,
      window,
      quota: quotaAt(place),
      peak: ordinary.peak(place),
      peakButOne: ordinary.peakButOne(place),
      peakOfAll: ordinary.peakOfAll(place),
    };
  });
  return { crowd, ordinary, limits };
}

type QuotaAt = (place: Place) => number;

function quotasOf(ordinary: OrdinaryCallers, headroom: number): QuotaAt {
  return (place) => quotaOf(ordinary.peak(place), headroom);
}

/** How much less callers must ask of an endpoint group than of all for it to have a limit of its own. */
const LEAST_DIFFERENCE = 2;

/** Where a crowd is to have limits: for all its requests, and for endpoint groups of which less is asked. */
function choosePlaces(
  crowd: Crowd,
  windows: readonly CandidateWindow[],
  places: readonly Place[],
  quotaAt: QuotaAt,
): Place[] {
  return crowd.scopes.flatMap((_, scope) => {
    const candidates = places
      .filter((place) => place.scope === scope)
      .map(({ window }): WindowQuota => {
        const { windowMs } = (windows[window] as CandidateWindow).limit;
        return { window, windowMs, quota: quotaAt({ scope, window }) };
      })
      .filter(({ quota }) => quota > 0);
    const chosen = chooseWindows(candidates).map(({ window }) => ({ scope, window }));
    if (scope === 0) return crowd.isCeiling ? chosen.slice(-1) : chosen;
    return chosen.slice(0, 1).filter((place) => {
      return quotaAt(place) * LEAST_DIFFERENCE <= quotaAt({ scope: 0, window: place.window });
    });
  });
}

/** So much more than the peak, rounded up to two digits that people can remember. 0 where nobody asked for anything. */
function quotaOf(peak: number, headroom: number): number {
  // A fraction that is none but for how fractions are kept must not round up.
  const enough = Math.ceil(peak * (1 + headroom) - 1e-9);
  const unit = 10 ** Math.max(0, String(enough).length - 2);
  return Math.ceil(enough / unit) * unit;
}

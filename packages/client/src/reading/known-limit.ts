import type { KnownLimit } from "./reading.ts";

/** No window is longer than this. What says so is broken, and would hold every call for good. */
const LONGEST_WINDOW_MS = 400 * 86_400_000;

/** Makes a limit of what was said, without what cannot be. `resetMs` counts from `now`. */
export function knownLimit(
  said: {
    readonly name?: string | undefined;
    readonly remaining: number;
    readonly quota?: number | undefined;
    readonly windowMs?: number | undefined;
    readonly resetMs?: number | undefined;
  },
  now: number,
): KnownLimit {
  const { name = "default", remaining, quota = -1, windowMs = 0, resetMs = Number.POSITIVE_INFINITY } = said;
  return {
    name,
    quota: quota >= 0 ? quota : undefined,
    windowMs: windowMs > 0 && windowMs <= LONGEST_WINDOW_MS ? windowMs : undefined,
    remaining,
    resetAt: resetMs <= LONGEST_WINDOW_MS ? now + Math.max(0, resetMs) : undefined,
  };
}

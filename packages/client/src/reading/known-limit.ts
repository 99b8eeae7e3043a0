import type { KnownLimit } from "./reading.ts";

/** No window is longer than this. What says so is broken, and would hold every call for good. */
const LONGEST_WINDOW_MS = 400 * 86_400_000;

/** Makes a limit of what was said, leaving out what was not, or what cannot be. `resetMs` counts from `now`. */
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
  const limit: { -readonly [Field in keyof KnownLimit]: KnownLimit[Field] } = { name, remaining };
  if (quota >= 0) limit.quota = quota;
  if (windowMs > 0 && windowMs <= LONGEST_WINDOW_MS) limit.windowMs = windowMs;
  if (resetMs <= LONGEST_WINDOW_MS) limit.resetAt = now + Math.max(0, resetMs);
  return limit;
}

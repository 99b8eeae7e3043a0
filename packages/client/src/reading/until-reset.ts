import type { KnownLimit } from "./reading.ts";

/** Ms until all of these limits are whole again, as far as they say when; undefined if none does. */
export function untilReset(limits: readonly KnownLimit[], now: number): number | undefined {
  const latest = Math.max(...limits.map(({ resetAt = now }) => resetAt));
  return latest > now ? latest - now : undefined;
}

import { hasRedis, startRedis } from "./redis-server.ts";

const GIVEN = process.env.REDIS_URL || undefined;

/** Whether there is a Redis to be had for tests that only use it. */
export const hasAnyRedis: boolean = hasRedis || GIVEN !== undefined;

/**
 * A Redis that a test uses, and does nothing else to: that of `REDIS_URL`, where others may have keys too, or else one of
 * the test's own.
 */
export async function startAnyRedis(): Promise<{ readonly url: string; end(): Promise<void> }> {
  if (GIVEN === undefined) return startRedis();
  return { url: GIVEN, end: async () => {} };
}

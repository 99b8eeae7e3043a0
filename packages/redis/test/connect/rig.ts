import { setTimeout as after } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { connectRedis, defineScript, type Link, type RedisLink } from "../../src/index.ts";

/** Adds to a counter, and answers with what it is then. */
const ADD = defineScript("return tostring(redis.call('incrby', KEYS[1], ARGV[1]))");

const POLL_MS = 20;

/** Connects for as long as the test runs. */
export async function connect(url: string): Promise<RedisLink> {
  const link = await connectRedis(url);
  onTestFinished(() => link.close());
  return link;
}

/** Adds 1 to a counter, by a script; what it is then. */
export async function count(link: Link, key: string): Promise<number> {
  return Number(await link.run(ADD, [key], Buffer.from("1")));
}

/** The code and message that a call is rejected with. */
export async function faultOf(call: Promise<unknown>): Promise<{ code?: string; message?: string }> {
  return call.then(
    () => ({}),
    (error) => ({ code: error.code, message: error.message }),
  );
}

/** Makes a call again and again until it is what is awaited: servers take their time, and tell nobody. */
export async function until<T>(call: () => Promise<T>, isAwaited: (result: T) => boolean): Promise<T> {
  for (;;) {
    const result = await call();
    if (isAwaited(result)) return result;
    await after(POLL_MS);
  }
}

/** Counts as soon as the link lets it. */
export async function countAgain(link: Link, key: string): Promise<number> {
  const counted = await until(
    () => count(link, key).catch(() => undefined),
    (counter) => counter !== undefined,
  );
  return counted as number;
}

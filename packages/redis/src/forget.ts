import type { Limit } from "@headgate/core";
import { counterNumber } from "./counter-number.ts";
import type { Link } from "./link.ts";
import { luaScript } from "./lua-script.ts";
import { packNumbers } from "./packed-numbers.ts";
import { hasOwnKey } from "./partition-key.ts";

const RESET = luaScript("reset");

/** Has Redis forget the counters of these limits, each in the key beside it; all keys are of one slot. */
export async function forget(link: Link, limits: readonly Limit[], keys: readonly string[]): Promise<void> {
  const counters = new Map<string, number[]>();
  for (const [i, limit] of limits.entries()) {
    const key = keys[i] as string;
    const ofKey = counters.get(key) ?? [];
    if (!hasOwnKey(limit)) ofKey.push(counterNumber(limit));
    counters.set(key, ofKey);
  }
  const numbers = [...counters.values()].flatMap((ofKey) => [ofKey.length, ...ofKey]);
  await link.run(RESET, [...counters.keys()], packNumbers(numbers));
}

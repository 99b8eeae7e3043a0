import type { Limit, Verdict } from "@headgate/core";
import { limitNumbers } from "../limit-numbers.ts";
import { luaScript } from "../lua-script.ts";
import { packNumbers } from "../packed-numbers.ts";
import type { Script } from "../script.ts";
import { OPERATIONS, type Request } from "./request.ts";

/** Decides a frame: `KEYS` are its counters. */
export const DECIDE: Script = luaScript("frame", "counters", "limits", "decide");

const HEADER_NUMBERS = 5;
const VERDICT_NUMBERS = 5;

/** What one script call is given: requests as numbers, and each key and limit once, however many requests meet it. */
export interface Frame {
  readonly keys: readonly string[];
  readonly argument: Buffer;
}

/**
 * Writes requests as `lua/decide.lua` reads them: a header; each request with its claims, and of a refund the tickets; the
 * limits. Limits and keys are named by their place, from 1 on.
 *
 * `time`, epoch ms, is what the script goes by; NaN for Redis's own clock. `now` is the caller's, for calendars.
 */
export function writeFrame(requests: readonly Request[], time: number, now: number, graceMs: number): Frame {
  const keys = new Map<string, number>();
  const limits = new Map<Limit, number>();
  const numbers: number[] = [time, graceMs, requests.length, 0, 0];
  for (const { operation, part } of requests) {
    numbers.push(OPERATIONS.indexOf(operation) + 1, part.claims.length);
    for (const [i, { limit, cost }] of part.claims.entries()) {
      numbers.push(placeOf(limit, limits), placeOf(part.keys[i] as string, keys), cost);
    }
    numbers.push(...part.tickets);
  }
  numbers[HEADER_NUMBERS - 2] = limits.size;
  numbers[HEADER_NUMBERS - 1] = numbers.length + 1;
  for (const limit of limits.keys()) numbers.push(...limitNumbers(limit, now));
  return { keys: [...keys.keys()], argument: packNumbers(numbers) };
}

/** Gives each request of a frame its verdicts. */
export function readVerdicts(requests: readonly Request[], answer: Buffer): void {
  const numbers = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  let at = 0;
  for (const { part, resolve } of requests) {
    resolve(
      part.claims.map(({ limit }) => {
        const verdict = readVerdict(limit, numbers, at);
        at += VERDICT_NUMBERS * 8;
        return verdict;
      }),
    );
  }
}

function readVerdict(limit: Limit, numbers: DataView, at: number): Verdict {
  const used = numbers.getFloat64(at + 8, true);
  return {
    limit,
    admitted: numbers.getFloat64(at, true) === 1,
    used,
    remaining: limit.capacity - used,
    resetMs: numbers.getFloat64(at + 16, true),
    retryAfterMs: numbers.getFloat64(at + 24, true),
    ticket: numbers.getFloat64(at + 32, true),
  };
}

/** The place of something in a list that holds each thing once. */
function placeOf<Thing>(thing: Thing, places: Map<Thing, number>): number {
  const known = places.get(thing);
  if (known !== undefined) return known;
  places.set(thing, places.size + 1);
  return places.size;
}

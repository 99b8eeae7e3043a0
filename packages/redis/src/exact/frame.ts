import type { Limit, Verdict } from "@headgate/core";
import { limitNumbers } from "../limit-numbers.ts";
import { luaScript } from "../lua-script.ts";
import { packNumbers } from "../packed-numbers.ts";
import type { Script } from "../script.ts";
import { OPERATIONS, type Request } from "./request.ts";

/** Decides a frame: `KEYS` are its counters. */
export const DECIDE: Script = luaScript("frame", "counters", "limits", "decide");

const HEADER_NUMBERS = 5;
const VERDICT_NUMBERS = 4;

/** What one script call is given: requests as numbers, and each key and limit once, however many requests meet it. */
export interface Frame {
  readonly keys: readonly string[];
  readonly argument: Buffer;
}

/**
 * Writes requests as `lua/decide.lua` reads them: a header; runs of requests; the limits. Requests in a row that ask the
 * same of different callers are a run: what they ask is told once, and of each its keys and, of a refund, its tickets.
 * Limits and keys are named by their place, from 1 on.
 *
 * `time`, epoch ms, is what the script goes by; NaN for Redis's own clock. `now` is the caller's, for calendars.
 */
export function writeFrame(requests: readonly Request[], time: number, now: number, graceMs: number): Frame {
  const keys = new Map<string, number>();
  const limits = new Map<Limit, number>();
  const runs = runsOf(requests);
  const numbers: number[] = [time, graceMs, runs.length, 0, 0];
  for (const run of runs) {
    const { operation, part } = run[0] as Request;
    numbers.push(OPERATIONS.indexOf(operation) + 1, run.length, part.claims.length);
    for (const { limit, cost } of part.claims) numbers.push(placeOf(limit, limits), cost);
    for (const { part } of run) {
      for (const key of part.keys) numbers.push(placeOf(key, keys));
      for (const ticket of part.tickets) numbers.push(ticket);
    }
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

/** A wait below zero is that of a claim which is admitted now and, counted because others deny, would not be later. */
function readVerdict(limit: Limit, numbers: DataView, at: number): Verdict {
  const waitMs = numbers.getFloat64(at, true);
  const used = numbers.getFloat64(at + 8, true);
  return {
    limit,
    admitted: waitMs <= 0,
    used,
    remaining: limit.capacity - used,
    resetMs: numbers.getFloat64(at + 16, true),
    retryAfterMs: Math.abs(waitMs),
    ticket: numbers.getFloat64(at + 24, true),
  };
}

/** Requests in their order, those in a row that ask the same together. */
function runsOf(requests: readonly Request[]): readonly Request[][] {
  const runs: Request[][] = [];
  for (const request of requests) {
    const run = runs.at(-1);
    if (run && askTheSame(run[0] as Request, request)) run.push(request);
    else runs.push([request]);
  }
  return runs;
}

function askTheSame(one: Request, other: Request): boolean {
  const claims = one.part.claims;
  const others = other.part.claims;
  if (one.operation !== other.operation || claims.length !== others.length) return false;
  return claims.every(({ limit, cost }, i) => limit === others[i]?.limit && cost === others[i]?.cost);
}

/** The place of something in a list that holds each thing once. */
function placeOf<Thing>(thing: Thing, places: Map<Thing, number>): number {
  const known = places.get(thing);
  if (known !== undefined) return known;
  places.set(thing, places.size + 1);
  return places.size;
}

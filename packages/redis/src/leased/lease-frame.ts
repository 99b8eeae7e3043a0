import type { Limit } from "@headgate/core";
import { limitNumbers } from "../limit-numbers.ts";
import { luaScript } from "../lua-script.ts";
import { packNumbers } from "../packed-numbers.ts";
import type { Script } from "../script.ts";
import { type Answer, OPERATIONS, type Question } from "./question.ts";

/** Answers a frame: `KEYS` are its counters, and what remembers settlements. */
export const LEASE: Script = luaScript("frame", "counters", "limits", "lease");

const TERMS = 4;
const ANSWER_NUMBERS = 5;

/**
 * Writes questions as `lua/lease.lua` reads them: a header; seven numbers for each question; the limits. Limits and keys
 * are named by their place, from 1 on.
 *
 * `time`, epoch ms, is what the script goes by; NaN for Redis's own clock. `now` is the caller's, for calendars.
 */
export function writeQuestions(
  questions: readonly Question[],
  time: number,
  now: number,
  graceMs: number,
): { readonly keys: readonly string[]; readonly argument: Buffer } {
  const keys = new Places<string>();
  const limits = new Places<Limit>();
  const asked = questions.flatMap(({ operation, counter, key, settlerKey, terms }) => {
    const numbers = [...terms()];
    if (settlerKey !== undefined) numbers.splice(2, 0, keys.of(settlerKey));
    while (numbers.length < TERMS) numbers.push(0);
    return [OPERATIONS.indexOf(operation) + 1, limits.of(counter.limit), keys.of(key), ...numbers];
  });
  const header = [time, graceMs, questions.length, limits.all.length, 6 + asked.length];
  const described = limits.all.flatMap((limit) => limitNumbers(limit, now));
  return { keys: keys.all, argument: packNumbers([...header, ...asked, ...described]) };
}

/** Gives each question of a frame its answer. */
export function readAnswers(questions: readonly Question[], answers: Buffer): void {
  for (const [i, { resolve }] of questions.entries()) {
    const numbers = Array.from({ length: ANSWER_NUMBERS }, (_, n) =>
      answers.readDoubleLE((i * ANSWER_NUMBERS + n) * 8),
    );
    resolve(numbers as unknown as Answer);
  }
}

/** Things in the order in which they first came up. */
class Places<Thing> {
  readonly all: Thing[] = [];
  readonly #places = new Map<Thing, number>();

  /** The place of a thing, from 1 on. */
  of(thing: Thing): number {
    let place = this.#places.get(thing);
    if (place === undefined) {
      place = this.all.push(thing);
      this.#places.set(thing, place);
    }
    return place;
  }
}

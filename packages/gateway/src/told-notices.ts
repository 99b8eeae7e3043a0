import { LRUCache } from "lru-cache";
import type { NoticeTerm } from "./limit-watch.ts";

const MAX_REMEMBERED = 100_000;
/** Callers choose the values that some limits count by, up to thousands of characters each. */
const MAX_REMEMBERED_CHARACTERS = 16 * 1024 ** 2;

/** Remembers which notices have been given, so that each is given once a window. Bounded: what is forgotten may come again. */
export class ToldNotices {
  /** Until when each need not be given again, in epoch ms. */
  readonly #toldUntil = new LRUCache<string, number>({
    max: MAX_REMEMBERED,
    maxSize: MAX_REMEMBERED_CHARACTERS,
    sizeCalculation: (_, key) => key.length,
  });

  /** Whether a notice has to be given, and notes that it was. `now` is epoch ms. */
  isNew({ key, until }: NoticeTerm, now: number): boolean {
    if ((this.#toldUntil.get(key) ?? 0) > now) return false;
    this.#toldUntil.set(key, until);
    return true;
  }
}

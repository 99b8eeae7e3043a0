import { Words } from "./words.ts";

/** Enough for the callers and paths of a busy hour. When there are as many, all are forgotten. */
export const MOST_KEPT: number = 1 << 15;

// Where texts are looked for, by their hashes: two words for each that was seen, its hash and its number.
const INDEX_ENTRIES = 1 << 16;
const ENTRY_WORDS = 2;
/** How many entries from the first on a text may be in. */
const PROBES = 4;
/** The hash where no text is. */
const EMPTY = 0;
/** The number of a text that was seen once, and is not kept. */
const NOT_KEPT = 0;

// What is kept of a text is a cache line: its length and its bytes.
const PLACE_WORDS = 16;
/** Longer texts seldom come twice. */
const LONGEST = (PLACE_WORDS - 1) * 4;

/**
 * Texts by their bytes. One that comes often is given again, not decoded again: that saves an allocation, and who remembers
 * it finds it by its number. A text is kept from its second time on: most callers come once, and keeping those would only
 * make work for who collects them. Bytes are compared with bytes, for asking a string for its characters one by one costs
 * several times as much; and what is kept lies close together, for among ten thousand texts it is memory that one waits for
 * (bench/simulate.ts).
 */
export class KnownTexts {
  readonly #index = new Int32Array((INDEX_ENTRIES + PROBES) * ENTRY_WORDS);
  readonly #places = new Int32Array((MOST_KEPT + 1) * PLACE_WORDS);
  readonly #texts: string[] = [""];
  readonly #words = new Words();
  #number: number | undefined;

  /** Of the text that was last given, 1 to {@link MOST_KEPT}; undefined where it is not kept. Another may have it later. */
  get number(): number | undefined {
    return this.#number;
  }

  /** The bytes from `start` to `end`, each as one character, as node:http reads a request's head. */
  of(bytes: Buffer, start: number, end: number): string {
    this.#number = undefined;
    if (end === start) return "";
    if (end - start > LONGEST) return bytes.toString("latin1", start, end);
    const view = this.#words.of(bytes);
    const hash = hashOf(view, start, end);
    const index = this.#index;
    const first = (hash & (INDEX_ENTRIES - 1)) * ENTRY_WORDS;
    for (let entry = first; entry < first + PROBES * ENTRY_WORDS; entry += ENTRY_WORDS) {
      if (index[entry] !== hash) continue;
      const number = index[entry + 1] as number;
      if (number === NOT_KEPT) return this.#keep(entry, bytes, start, end);
      if (this.#isAt(number, view, start, end)) return this.#give(number);
    }
    this.#note(first, hash);
    return bytes.toString("latin1", start, end);
  }

  /** Takes note of a text that is seen for the first time: where nothing is, or in the place of one that is not kept. */
  #note(first: number, hash: number): void {
    const index = this.#index;
    const last = first + (PROBES - 1) * ENTRY_WORDS;
    let entry = first;
    while (index[entry] !== EMPTY && entry < last) entry += ENTRY_WORDS;
    if (index[entry] !== EMPTY) {
      entry = first;
      while (index[entry + 1] !== NOT_KEPT && entry < last) entry += ENTRY_WORDS;
    }
    index[entry] = hash;
    index[entry + 1] = NOT_KEPT;
  }

  #keep(entry: number, bytes: Buffer, start: number, end: number): string {
    if (this.#texts.length > MOST_KEPT) {
      this.#index.fill(0);
      this.#texts.length = 1;
    }
    const number = this.#texts.length;
    this.#texts.push(bytes.toString("latin1", start, end));
    this.#index[entry + 1] = number;
    this.#write(number, this.#words.of(bytes), start, end);
    return this.#give(number);
  }

  #give(number: number): string {
    this.#number = number;
    return this.#texts[number] as string;
  }

  #isAt(number: number, view: DataView, start: number, end: number): boolean {
    const places = this.#places;
    let word = number * PLACE_WORDS;
    if (places[word++] !== end - start) return false;
    const last = end - 4;
    for (let at = start; at < last; at += 4) if (places[word++] !== view.getInt32(at)) return false;
    return places[word] === lastWord(view, start, end);
  }

  #write(number: number, view: DataView, start: number, end: number): void {
    const places = this.#places;
    let word = number * PLACE_WORDS;
    places[word++] = end - start;
    const last = end - 4;
    for (let at = start; at < last; at += 4) places[word++] = view.getInt32(at);
    places[word] = lastWord(view, start, end);
  }
}

/** Any hash does: what meets in a place is compared. The last word laps over the one before it. */
function hashOf(view: DataView, start: number, end: number): number {
  const last = end - 4;
  let hash = Math.imul(end - start, 0x85ebca6b);
  for (let at = start; at < last; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ lastWord(view, start, end), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function lastWord(view: DataView, start: number, end: number): number {
  if (end - start >= 4) return view.getInt32(end - 4);
  let word = 0;
  for (let at = start; at < end; at++) word = (word << 8) | view.getUint8(at);
  return word;
}

import { Words } from "./words.ts";

/** Enough for the callers and paths of a busy minute; a power of two. */
const SLOTS = 1 << 15;
/** Longer texts seldom come twice. */
const LONGEST = 64;
const SLOT_WORDS = LONGEST / 4;

/**
 * Texts by their bytes. One that comes often is given again, not decoded again: that saves an allocation, and a map finds
 * a text that it knows by its address. A text is kept from its second time on: most callers come once, and keeping those
 * would only make work for who collects them. Bytes are compared with bytes, for asking a string for its characters one
 * by one costs several times as much.
 */
export class KnownTexts {
  readonly #texts = new Array<string>(SLOTS).fill("");
  readonly #words = new Int32Array(SLOTS * SLOT_WORDS);
  /** The hash of what was last looked for in each slot. */
  readonly #hashes = new Int32Array(SLOTS);
  readonly #bytes = new Words();

  /** The bytes from `start` to `end`, each as one character, as node:http reads a request's head. */
  of(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > LONGEST) return bytes.toString("latin1", start, end);
    const view = this.#bytes.of(bytes);
    const hash = hashOf(view, start, end);
    const slot = hash & (SLOTS - 1);
    const known = this.#texts[slot] as string;
    if (known.length === length && this.#isSame(slot, view, start, end)) return known;
    const text = bytes.toString("latin1", start, end);
    if (this.#hashes[slot] === hash) {
      this.#texts[slot] = text;
      this.#keep(slot, view, start, end);
    }
    this.#hashes[slot] = hash;
    return text;
  }

  #isSame(slot: number, view: DataView, start: number, end: number): boolean {
    const words = this.#words;
    let word = slot * SLOT_WORDS;
    const last = end - 4;
    for (let at = start; at < last; at += 4) if (words[word++] !== view.getInt32(at)) return false;
    return words[word] === lastWord(view, start, end);
  }

  #keep(slot: number, view: DataView, start: number, end: number): void {
    let word = slot * SLOT_WORDS;
    const last = end - 4;
    for (let at = start; at < last; at += 4) this.#words[word++] = view.getInt32(at);
    this.#words[word] = lastWord(view, start, end);
  }
}

/** Any hash does: what meets in a slot is compared. The last word laps over the one before it. */
function hashOf(view: DataView, start: number, end: number): number {
  const last = end - 4;
  let hash = end - start;
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

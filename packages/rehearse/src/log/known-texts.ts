/** Enough for the callers and paths of a busy minute; a power of two. */
const SLOTS = 1 << 15;
/** Longer texts seldom come twice. */
const LONGEST = 64;

/**
 * Texts by their bytes. One that comes often is given again, not decoded again: that saves an allocation, and a map finds
 * a text that it knows by its address. A text is kept from its second time on: most callers come once, and keeping those
 * would only make work for who collects them. Bytes are compared with bytes, for asking a string for its characters one
 * by one costs several times as much.
 */
export class KnownTexts {
  readonly #texts = new Array<string>(SLOTS).fill("");
  readonly #bytes = new Uint8Array(SLOTS * LONGEST);
  /** The hash of what was last looked for in each slot. */
  readonly #hashes = new Int32Array(SLOTS);

  /** The bytes from `start` to `end`, each as one character, as node:http reads a request's head. */
  of(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > LONGEST) return bytes.toString("latin1", start, end);
    const hash = hashOf(bytes, start, end);
    const slot = hash & (SLOTS - 1);
    const at = slot * LONGEST;
    const known = this.#texts[slot] as string;
    if (known.length === length && isSame(this.#bytes, at, bytes, start, length)) return known;
    const text = bytes.toString("latin1", start, end);
    if (this.#hashes[slot] === hash) {
      this.#texts[slot] = text;
      for (let i = 0; i < length; i++) this.#bytes[at + i] = bytes[start + i] as number;
    }
    this.#hashes[slot] = hash;
    return text;
  }
}

function isSame(known: Uint8Array, at: number, bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (known[at + i] !== bytes[start + i]) return false;
  return true;
}

/** Any hash does: what meets in a slot is compared. Four bytes at once, as multiplying is what takes time. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let i = start;
  for (; i + 3 < end; i += 4) {
    const word =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash ^ (hash >>> 16);
}

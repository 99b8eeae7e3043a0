/**
 * HalfSipHash-1-3 with 64 bits of output over UTF-16 code units: keyed, so that a stranger cannot choose partition keys
 * that collide (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012, and its 32-bit variant).
 *
 * The result is left in `low` and `high`, so that hashing allocates nothing.
 */
export class PartitionHash {
  low = 0;
  high = 0;
  readonly #keyLow: number;
  readonly #keyHigh: number;

  constructor(keyLow: number, keyHigh: number) {
    this.#keyLow = keyLow;
    this.#keyHigh = keyHigh;
  }

  /** Hashes `text` under the key, which `tweak` varies: one tweak for each limit. */
  digest(text: string, tweak: readonly [number, number]): void {
    const keyLow = this.#keyLow ^ tweak[0];
    const keyHigh = this.#keyHigh ^ tweak[1];
    let v0 = keyLow;
    let v1 = keyHigh ^ 0xee;
    let v2 = 0x6c796765 ^ keyLow;
    let v3 = 0x74656462 ^ keyHigh;

    const length = text.length;
    const pairs = length & ~1;
    // One word for each two code units, one for what is left with the length, and the four rounds that finish: they
    // are one loop, because a round that is written once is a round that is right once.
    const words = pairs / 2 + 1;
    const rounds = words + 6;
    for (let round = 0; round < rounds; round++) {
      let word = 0;
      if (round < words) {
        const i = round * 2;
        word =
          i < pairs
            ? text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
            : (i < length ? text.charCodeAt(i) : 0) | (length << 16);
        v3 ^= word;
      } else if (round === words) {
        v2 ^= 0xee;
      } else if (round === words + 3) {
        this.low = v1 ^ v3;
        v1 ^= 0xdd;
      }
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.high = v1 ^ v3;
  }
}

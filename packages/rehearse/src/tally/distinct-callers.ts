import type { CallerCount } from "../rehearsal.ts";

/** Up to so many are told exactly. */
const MOST_EXACT = 10_000;
const REGISTER_BITS = 14;
const REGISTERS = 1 << REGISTER_BITS;
/** Bits of a hash beside those that choose a register, and one. */
const MOST_RANK = 53 - REGISTER_BITS + 1;

/** Counts different callers by their hashes: exactly while there are few, then by HyperLogLog, in 16 KB. */
export class DistinctCallers {
  #exact: Set<number> | undefined = new Set();
  readonly #registers = new Uint8Array(REGISTERS);

  /** `hash` is 53 random bits that are the caller's. */
  add(hash: number): void {
    this.#exact?.add(hash);
    if (this.#exact && this.#exact.size > MOST_EXACT) this.#exact = undefined;
    const register = hash % REGISTERS;
    const rest = Math.floor(hash / REGISTERS);
    const rank = rest === 0 ? MOST_RANK : MOST_RANK - 1 - Math.floor(Math.log2(rest));
    if (rank > (this.#registers[register] as number)) this.#registers[register] = rank;
  }

  count(): CallerCount {
    if (this.#exact) return { count: this.#exact.size, isEstimate: false };
    // O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017: no bias at any size.
    const ofRank = new Float64Array(MOST_RANK + 1);
    for (const rank of this.#registers) ofRank[rank] = (ofRank[rank] as number) + 1;
    let sum = 0;
    for (let rank = MOST_RANK; rank > 0; rank--) sum = (sum + (ofRank[rank] as number)) / 2;
    sum += REGISTERS * sigma((ofRank[0] as number) / REGISTERS);
    return { count: Math.round(REGISTERS ** 2 / (2 * Math.LN2 * sum)), isEstimate: true };
  }
}

/** The sum of x^(2^k) 2^(k-1) over all k, and x. */
function sigma(x: number): number {
  let power = x;
  let weight = 1;
  let sum = x;
  for (let before = Number.NaN; sum !== before; ) {
    before = sum;
    power *= power;
    sum += power * weight;
    weight *= 2;
  }
  return sum;
}

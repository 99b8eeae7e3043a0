import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PartitionHash } from "../../src/memory/partition-hash.ts";

const words = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 0, maxLength: 8 }));
const NO_TWEAK = [0, 0] as const;

describe("PartitionHash", () => {
  test("is HalfSipHash-1-3 with 64 bits of output over the text's UTF-16 code units", () => {
    fc.assert(
      fc.property(words, words, fc.tuple(words, words), texts, (keyLow, keyHigh, tweak, text) => {
        const key = [keyLow ^ tweak[0], keyHigh ^ tweak[1]] as const;
        expect(digest(new PartitionHash(keyLow, keyHigh), text, tweak)).toEqual(halfSipHash13(key, text));
      }),
      { numRuns: 1_000 },
    );
  });

  test("limits, which differ in their tweak, spread one caller differently; so do secrets, which differ in the key", () => {
    fc.assert(
      fc.property(words, words, words, texts, (keyLow, keyHigh, change, text) => {
        fc.pre(change !== 0);
        const hash = new PartitionHash(keyLow, keyHigh);
        const plain = digest(hash, text, NO_TWEAK);
        expect(digest(hash, text, [change, 0])).not.toEqual(plain);
        expect(digest(hash, text, [0, change])).not.toEqual(plain);
        expect(digest(new PartitionHash(keyLow ^ change, keyHigh), text, NO_TWEAK)).not.toEqual(plain);
      }),
    );
  });

  test("a hundred thousand look-alikes do not collide", () => {
    const hash = new PartitionHash(1, 2);
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i++) seen.add(digest(hash, `lp_test_${i}`, NO_TWEAK).join());
    expect(seen.size).toBe(100_000);
  });
});

function digest(hash: PartitionHash, text: string, tweak: readonly [number, number]): [low: number, high: number] {
  hash.digest(text, tweak);
  return [hash.low, hash.high];
}

/** As the paper and its reference code have it, in BigInt; a message byte is a code unit, a word is two of them. */
function halfSipHash13([low, high]: readonly [number, number], text: string): [number, number] {
  const u32 = (value: bigint) => value & 0xffff_ffffn;
  const rotl = (value: bigint, bits: bigint) => u32(value << bits) | (value >> (32n - bits));
  const k0 = u32(BigInt(low));
  const k1 = u32(BigInt(high));
  let [v0, v1, v2, v3] = [k0, k1 ^ 0xeen, 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const round = () => {
    v0 = u32(v0 + v1);
    v1 = rotl(v1, 5n) ^ v0;
    v0 = rotl(v0, 16n);
    v2 = u32(v2 + v3);
    v3 = rotl(v3, 8n) ^ v2;
    v0 = u32(v0 + v3);
    v3 = rotl(v3, 7n) ^ v0;
    v2 = u32(v2 + v1);
    v1 = rotl(v1, 13n) ^ v2;
    v2 = rotl(v2, 16n);
  };
  const compress = (word: bigint) => {
    v3 ^= word;
    round();
    v0 ^= word;
  };
  const unit = (i: number) => BigInt(text.charCodeAt(i));
  const even = text.length - (text.length % 2);
  for (let i = 0; i < even; i += 2) compress(unit(i) | (unit(i + 1) << 16n));
  compress((even < text.length ? unit(even) : 0n) | u32(BigInt(text.length) << 16n));

  v2 ^= 0xeen;
  for (let i = 0; i < 3; i++) round();
  const first = v1 ^ v3;
  v1 ^= 0xddn;
  for (let i = 0; i < 3; i++) round();
  return [Number(BigInt.asIntN(32, first)), Number(BigInt.asIntN(32, v1 ^ v3))];
}

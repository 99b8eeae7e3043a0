import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesToBase62 } from "../src/base62.ts";
import { hashOf, isWellFormed, mint, startOf } from "../src/secret.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

describe("a secret", () => {
  test("is its prefix, 43 characters of randomness and 6 of checksum", () => {
    const prefix = fc.stringMatching(/^[A-Za-z0-9_-]{0,24}$/);
    fc.assert(
      fc.property(prefix, (prefix) => {
        const secret = mint(prefix);
        expect(secret.slice(0, prefix.length)).toBe(prefix);
        expect(secret.slice(prefix.length)).toMatch(/^[0-9A-Za-z]{49}$/);
        expect(isWellFormed(secret)).toBe(true);
        expect(startOf(secret)).toBe(secret.slice(0, prefix.length + 4));
      }),
    );
  });

  test("is never the same twice", () => {
    const secrets = new Set(Array.from({ length: 10_000 }, () => mint("hg_sk_")));
    expect(secrets.size).toBe(10_000);
  });

  test("with one character mistyped is told from a whole one", () => {
    fc.assert(
      fc.property(fc.nat(54), fc.constantFrom(...DIGITS, "-", "é", "\0"), (at, other) => {
        const secret = mint("hg_sk_");
        fc.pre(secret[at] !== other);
        expect(isWellFormed(secret.slice(0, at) + other + secret.slice(at + 1))).toBe(false);
      }),
    );
  });

  test("with two neighbours swapped is told from a whole one", () => {
    fc.assert(
      fc.property(fc.nat(53), (at) => {
        const secret = mint("hg_sk_");
        fc.pre(secret[at] !== secret[at + 1]);
        const swapped = secret.slice(0, at) + secret[at + 1] + secret[at] + secret.slice(at + 2);
        expect(isWellFormed(swapped)).toBe(false);
      }),
    );
  });

  test("is kept as its SHA-256 in base64", () => {
    const secret = mint("");
    expect(hashOf(secret)).toBe(createHash("sha256").update(secret).digest("base64"));
  });

  test("cannot begin with what a header could not hold, or with more than 24 characters", () => {
    for (const prefix of ["sk ", "sk\n", "ключ", "a".repeat(25), "sk."]) {
      expect(() => mint(prefix)).toThrow(expect.objectContaining({ code: "HG_PREFIX_INVALID" }));
    }
  });
});

test("any text is looked at without an error, and none that was made up is well-formed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(isWellFormed(text)).toBe(false);
    }),
  );
});

test("bytes in base 62 say the number that they are, in as many digits as asked for", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const text = bytesToBase62(Buffer.from(bytes), 43);
      expect(text).toHaveLength(43);
      const number = [...text].reduce((sum, digit) => sum * 62n + BigInt(DIGITS.indexOf(digit)), 0n);
      expect(number).toBe(BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
    }),
  );
});

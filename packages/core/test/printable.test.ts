import fc from "fast-check";
import { expect, test } from "vitest";
import { printable } from "../src/index.ts";

test("what cannot be seen is written as an escape", () => {
  expect(printable("a\u001b[31mred\u202e\ud800\n")).toBe("a\\u{1b}[31mred\\u{202e}\\u{d800}\\u{a}");
});

test("nothing that is printed can end a line or rearrange it, and what can be seen stays", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(printable(printable(text))).toBe(printable(text));
    }),
  );
  expect(printable("Größe: 5 µs, 東京 🙂")).toBe("Größe: 5 µs, 東京 🙂");
});

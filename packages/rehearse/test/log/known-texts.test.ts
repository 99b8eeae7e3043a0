import fc from "fast-check";
import { expect, test } from "vitest";
import { KnownTexts, MOST_KEPT } from "../../src/log/known-texts.ts";

function read(texts: KnownTexts, text: string): { readonly text: string; readonly number: number | undefined } {
  const bytes = Buffer.from(`<${text}>`, "latin1");
  return { text: texts.of(bytes, 1, bytes.length - 1), number: texts.number };
}

test("texts are what their bytes say, and have numbers from their second time on", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 70 }),
    fc.constantFrom("a", "é", "a".repeat(60)),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), (different) => {
      const texts = new KnownTexts();
      for (let time = 1; time <= 3; time++) {
        for (const each of new Set(different)) {
          const { text, number } = read(texts, each);
          expect(text).toBe(each);
          expect(number !== undefined).toBe(time > 1 && each.length <= 60);
        }
      }
    }),
  );
});

test("the same text has the same number, and no other text has it at that time", () => {
  const texts = new KnownTexts();
  const names = Array.from({ length: 1_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  for (const name of names) read(texts, name);
  const numbers = names.map((name) => read(texts, name).number);
  expect(new Set(numbers).size).toBe(names.length);
  expect(names.map((name) => read(texts, name).number)).toEqual(numbers);
});

test("when there are too many, all are forgotten, and the next are kept", () => {
  const texts = new KnownTexts();
  for (let i = 0; i <= MOST_KEPT; i++) {
    read(texts, `text ${i}`);
    expect(read(texts, `text ${i}`).text).toBe(`text ${i}`);
  }
  expect(read(texts, "text 5")).toEqual({ text: "text 5", number: undefined });
  expect(read(texts, "text 5").number).toBeLessThan(10);
});

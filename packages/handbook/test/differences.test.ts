import fc from "fast-check";
import { expect, test } from "vitest";
import { differencesOf } from "../src/index.ts";

const files = (entries: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(entries));

test("tells what is missing, what is too much, and the first line that differs", () => {
  const expected = files({ a: "1\n2\n3\n", b: "1\n", c: "x\n" });
  const published = files({ a: "1\n2!\n3!\n", b: "1\n", d: "" });
  expect(differencesOf(expected, published)).toEqual([
    { file: "a", kind: "different", line: 2, expected: "2", found: "2!" },
    { file: "c", kind: "missing" },
    { file: "d", kind: "extra" },
  ]);
});

test("tells of a text that ends too soon, or too late", () => {
  expect(differencesOf(files({ a: "1\n2" }), files({ a: "1" }))).toMatchObject([{ line: 2, expected: "2" }]);
  expect(differencesOf(files({ a: "1" }), files({ a: "1\n2" }))).toMatchObject([{ line: 2, found: "2" }]);
});

test("there is none between files that are alike, whatever ends their lines", () => {
  const texts = fc.dictionary(
    fc.string(),
    fc.array(fc.stringMatching(/^[^\r\n]*$/)).map((lines) => lines.join("\n")),
  );
  fc.assert(
    fc.property(texts, (entries) => {
      const published = new Map(Object.entries(entries).map(([name, text]) => [name, text.replaceAll("\n", "\r\n")]));
      expect(differencesOf(files(entries), published)).toEqual([]);
    }),
  );
});

import { expect, test } from "vitest";
import { durationOf, parseCacheControl } from "../../src/cache/cache-control.ts";

test.for([
  ["max-age=60, must-revalidate", { "max-age": "60", "must-revalidate": "" }],
  ["Max-Age = 60 ,NO-CACHE", { "max-age": "60", "no-cache": "" }],
  ['no-cache="set-cookie, age", private', { "no-cache": "set-cookie, age", private: "" }],
  ["max-age=60, max-age=5", { "max-age": "60" }],
  [",, ,=,", {}],
  ['max-age="60', { "max-age": "", "60": "" }],
  ["", {}],
] as const)("%j says what it says", ([field, directives]) => {
  expect(Object.fromEntries(parseCacheControl(field))).toEqual(directives);
});

test.for([
  ["60", 60_000],
  ["0", 0],
  ["9".repeat(400), 2 ** 31 * 1000],
  ["-1", 0],
  ["1.5", 0],
  ["soon", 0],
  ["", 0],
] as const)("%j seconds are that long, and nothing where they cannot be read", ([text, ms]) => {
  expect(durationOf(new Map([["max-age", text]]), "max-age")).toBe(ms);
});

test("a field of a hostile server takes no longer than it is long", () => {
  for (const piece of ['a="\\', 'a="', "a ", "=", '"', "\\"]) parseCacheControl(piece.repeat(250_000));
});

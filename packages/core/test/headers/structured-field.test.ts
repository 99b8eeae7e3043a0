import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseStringList, serializeString } from "../../src/headers/structured-field.ts";

const parsed = (field: string) =>
  parseStringList(field)?.map(({ value, parameters }) => [value, Object.fromEntries(parameters)]);

describe("a list of strings with parameters (RFC 9651)", () => {
  test("is parsed with what its parameters say", () => {
    expect(parsed('"a";q=10;w=60, "b"')).toEqual([
      ["a", { q: 10, w: 60 }],
      ["b", {}],
    ]);
    expect(parsed('  "a";  q=-1\t,\t"b";flag;*odd-key_1.x=1  ')).toEqual([
      ["a", { q: -1 }],
      ["b", { flag: true, "*odd-key_1.x": 1 }],
    ]);
    expect(parsed('"a";pk=:Y2FsbGVy:')).toEqual([["a", { pk: "Y2FsbGVy" }]]);
    expect(parsed('"a";x="say \\"hi\\" \\\\";r=1')).toEqual([["a", { x: 'say "hi" \\', r: 1 }]]);
  });

  test("takes the last of a repeated parameter", () => {
    expect(parsed('"a";r=1;r=2')).toEqual([["a", { r: 2 }]]);
  });

  test("passes over parameters of every type there is", () => {
    const others = ["1.5", "token/x:y", "?1", "?0", "::", "@1659578233", "@-1", '%"f%c3%bc"', '""', "-0"];
    for (const other of others) expect(parsed(`"a";x=${other};r=1`)?.[0]?.[1]).toMatchObject({ r: 1 });
  });

  test.each([
    ["an empty field", ""],
    ["a member that is no string", "token;r=1"],
    ["a string that does not end", '"a'],
    ["a string that ends in its escape", '"a\\"'],
    ["an escape of what needs none", '"a\\n"'],
    ["a character outside ASCII", '"ä";r=1'],
    ["a control character", '"a\u0000";r=1'],
    ["a comma at the end", '"a";r=1,'],
    ["a comma too many", '"a";r=1,,"b"'],
    ["no comma", '"a";r=1 "b";r=2'],
    ["an upper-case key", '"a";R=1'],
    ["a key without a name", '"a";=1'],
    ["a parameter without its value", '"a";r='],
    ["an integer of 16 digits", '"a";r=1234567890123456'],
    ["a decimal of four places", '"a";r=1.2345'],
    ["a decimal without places", '"a";r=1.'],
    ["something behind an integer", '"a";r=1x'],
    ["a space before a semicolon", '"a" ;r=1'],
    ["a display string in upper-case hex", '"a";x=%"%C3%BC"'],
    ["a fault in the last of many members", '"a";r=1, "b";r=2, c'],
  ])("is ignored whole for %s", (_fault, field) => {
    expect(parseStringList(field)).toBeUndefined();
  });

  test("never throws and never hangs, whatever comes", () => {
    const pieces = fc.constantFrom('"', "\\", ";", ",", "=", " ", "a", "1", ":", "?", "@", "%", "\t", "r=1", '"x"');
    const fields = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 60 }).map((some) => some.join("")),
    );
    fc.assert(
      fc.property(fields, (field) => void parseStringList(field)),
      { numRuns: 2_000 },
    );
    expect(parseStringList(`"${"\\\\".repeat(50_000)}`)).toBeUndefined();
    expect(parseStringList('"a";r=1,'.repeat(20_000))).toBeUndefined();
  });

  test("carries any string of printable ASCII there and back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        expect(parsed(serializeString(text))).toEqual([[text, {}]]);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StringList, serializeString } from "../../src/headers/structured-field.ts";
import { naivelyParsed, type ParsedMember } from "./naive-string-list.ts";

/** All that a list holds; undefined where it is malformed. */
function parsed(field: string): ParsedMember[] | undefined {
  const members: ParsedMember[] = [];
  const list = new StringList(field);
  while (list.nextMember()) {
    const { member } = list;
    const parameters: ParsedMember[1] = {};
    while (list.nextParameter()) parameters[list.key] = list.value;
    members.push([member, parameters]);
  }
  return list.isMalformed ? undefined : members;
}

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
    expect(parsed(field)).toBeUndefined();
  });

  test("never throws and never hangs, whatever comes", () => {
    const pieces = fc.constantFrom('"', "\\", ";", ",", "=", " ", "a", "1", ":", "?", "@", "%", "\t", "r=1", '"x"');
    const fields = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces, { maxLength: 60 }).map((some) => some.join("")),
    );
    fc.assert(
      fc.property(fields, (field) => void parsed(field)),
      { numRuns: 2_000 },
    );
    expect(parsed(`"${"\\\\".repeat(50_000)}`)).toBeUndefined();
    expect(parsed('"a";r=1,'.repeat(20_000))).toBeUndefined();
  });

  test("is what a grammar makes of it, malformed or not", () => {
    const string = fc.oneof(
      fc.constantFrom('"a"', '"a b"', '""', '"\\"\\\\"', '"a', "a", '("a")', '"ä"', '"a\\x"', '"a\u007f"'),
      fc.string({ unit: "grapheme-ascii" }).map(serializeString),
    );
    const integers = ["=1", "=-0", "=007", "=-5", "=123456789012345", "=1234567890123456", "=-", "=1x", "=1 ", "= 1"];
    const decimals = ["=1.5", "=-1.25", "=1.2345", "=1.", "=123456789012.1", "=1234567890123.1", "=@1.5"];
    const others = [
      "",
      "=",
      "=tok",
      "=*a/b:c",
      "=?1",
      "=?2",
      "=@-1",
      "=@",
      "=::",
      "=:YQ==:",
      "=:Y Q:",
      "=:YQ",
      '=("a")',
    ];
    const texts = ['="x"', '="a\\"b\\\\"', '="a\\n"', '="', '=%"f%c3%bc"', '=%"F%C3"', '=%"a', "=ü"];
    const value = fc.oneof(
      fc.constantFrom(...integers, ...decimals, ...others, ...texts),
      fc.oneof(fc.integer(), fc.double()).map((number) => `=${number}`),
      fc.string().map((text) => `=${serializeString(text)}`),
    );
    const semicolon = fc.constantFrom(";", ";", ";", "; ", ";  ", " ;", ";\t");
    const key = fc.constantFrom("r", "r", "qu", "*a", "a-b_c.d*", "R", "", "1");
    const parameters = fc.array(
      fc.tuple(semicolon, key, value).map((parts) => parts.join("")),
      { maxLength: 3 },
    );
    const member = fc.tuple(string, parameters).map(([name, said]) => name + said.join(""));
    const comma = fc.constantFrom(",", ", ", " ,", "\t,\t", ",,", "", " ");
    const list = fc.tuple(fc.array(member, { maxLength: 3 }), comma, fc.constantFrom("", "", " ", ",", ";"));
    const field = list.map(([members, between, behind]) => members.join(between) + behind);
    fc.assert(
      fc.property(field, (text) => {
        expect(parsed(text)).toEqual(naivelyParsed(text));
      }),
      { numRuns: 3_000 },
    );
  });

  test("carries any string of printable ASCII there and back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        expect(parsed(serializeString(text))).toEqual([[text, {}]]);
      }),
    );
  });
});

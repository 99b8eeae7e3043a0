import fc from "fast-check";

/** As `JSON.stringify` would write none of them: blanks where they may be, escapes where they need not be. */
const blank = fc.constantFrom("", "", "", " ", "\n", "\t", "\r\n  ");

const part = fc.oneof(
  fc.constantFrom("a", "b", "metadata", "0", "1", "é", "😀", "\u2028", " ", ",", ":", "{", "}", "[", "]"),
  fc.constantFrom("\\u0061", "\\u006D", '\\"', "\\\\", "\\/", "\\b\\f\\n\\r\\t", "\\u0000", "\\\\ud800"),
  fc.constantFrom("\\ud83d\\ude00", "\\uD83D\\uDE00", "\\ud800", "\\uDC00", "\\ude00\\ud83d"),
);
const string = fc.array(part, { maxLength: 4 }).map((parts) => `"${parts.join("")}"`);

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('"a"', '"b"', '"\\u0061"', '"metadata"', '"m\\u0065tadata"', '"0"', '""') },
  { weight: 3, arbitrary: string },
  { weight: 1, arbitrary: fc.constantFrom('"__proto__"', '"\\u005f_proto__"', '"constructor"', '"prototype"') },
);

const number = fc.constantFrom("0", "-0", "1.0", "1e400", "-1E-400", "1e+2", "123456789012345678901234567890", "0.10");

/** The texts of JSON values, among them such as only tell by their text what is wrong with them. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    fc.oneof(string, number, fc.constantFrom("true", "false", "null")),
    list(tie("value"), "[", "]"),
    list(
      fc
        .tuple(name, blank, blank, tie("value"))
        .map(([key, before, after, value]) => `${key}${before}:${after}${value}`),
      "{",
      "}",
    ),
    fc.tuple(fc.integer({ min: 1, max: 20 }), tie("value")).map(([n, value]) => nested(value, n)),
  ),
})).value;

/** Texts that a body may be: one value with blanks around it. */
export const bodyText: fc.Arbitrary<string> = fc
  .tuple(blank, jsonText, blank)
  .map(([before, value, after]) => before + value + after);

/** A text inside so many arrays and objects. */
export function nested(text: string, levels: number): string {
  let nesting = text;
  for (let level = 0; level < levels; level++) nesting = level % 2 === 0 ? `{"n": ${nesting}}` : `[${nesting}]`;
  return nesting;
}

function list(element: fc.Arbitrary<string>, open: string, close: string): fc.Arbitrary<string> {
  const spaced = fc.tuple(blank, element, blank).map(([before, text, after]) => before + text + after);
  return fc.tuple(blank, fc.array(spaced, { maxLength: 5 })).map(([empty, elements]) => {
    return open + (elements.length > 0 ? elements.join(",") : empty) + close;
  });
}

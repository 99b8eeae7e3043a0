import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mostItems } from "../src/json-items.ts";

/** The array's length by parsing: what counts where every reader agrees. */
function itemsByParsing(json: string, tokens: readonly string[]): number {
  let value: unknown = JSON.parse(json);
  for (const token of tokens) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, token)) return 0;
    value = (value as Record<string, unknown>)[token];
  }
  return Array.isArray(value) ? value.length : 0;
}

/** Values whose fields and pointers meet often, written with and without blanks. */
const name = fc.constantFrom("a", "b", "", "0", "1", "a b", 'q"', "b\\", "{", "é");
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, -1.5e9, "", 'a "quoted" [one], {two}', "ends in \\", '\\"'),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
}));

test("counts what parsing finds, wherever no field is there twice", () => {
  fc.assert(
    fc.property(value, fc.array(name, { maxLength: 3 }), fc.constantFrom(0, 2, "\t"), (written, tokens, indent) => {
      const json = JSON.stringify(written, null, indent);
      expect(mostItems(json, tokens)).toBe(itemsByParsing(json, tokens));
    }),
    { numRuns: 2000 },
  );
});

// Of a field that is there twice some readers take the first, some the last, some either in any case: 500 items cost 1.
describe("readers that differ do not lower the count", () => {
  test.each([
    ['{"events":[1,2,3],"events":[]}', 3],
    ['{"events":[],"events":[1,2,3]}', 3],
    ['{"events":[1,2,3],"events":7}', 3],
    ['{"events":[],"\\u0065vents":[1,2,3]}', 3],
    ['{"events":[1],"Events":[1,2,3]}', 3],
    ['{"eventſ":[1,2,3]}', 3],
  ])("%s", (json, items) => {
    expect(mostItems(json, ["events"])).toBe(items);
  });

  test("on the way to the array either", () => {
    expect(mostItems('{"a":{"b":[1,2]},"a":{"b":[1],"b":[1,2,3]},"a":[]}', ["a", "b"])).toBe(3);
  });
});

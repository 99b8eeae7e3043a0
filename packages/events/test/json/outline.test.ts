import fc from "fast-check";
import { expect, test } from "vitest";
import { dotted, pointerTo } from "../../src/json/json-pointer.ts";
import { outlineOf } from "../../src/json/outline.ts";
import { bodyText, jsonText, nested } from "./json-texts.ts";
import { naiveOutline } from "./naive-outline.ts";

const itemDepth = fc.integer({ min: 0, max: 3 });

test("an outline says of every text what a parser that keeps everything finds", () => {
  fc.assert(
    fc.property(bodyText, itemDepth, (text, depth) => {
      JSON.parse(text);
      expect(outlineOf(text, depth, "metadata")).toEqual(naiveOutline(text, depth, "metadata"));
    }),
    { numRuns: 3_000 },
  );
});

test("an outline of a batch of any values has an item for each of its events", () => {
  fc.assert(
    fc.property(fc.array(jsonText, { maxLength: 6 }), (events) => {
      const text = `{"events": [${events.join(" ,\n")}]}`;
      const { items, fault } = outlineOf(text, 2, "metadata");
      // Their texts and not their values: of a field that is there twice, `JSON.parse` has been seen to keep either.
      expect(items.map((item) => item.text)).toEqual(events.map((event) => event.trim()));
      expect(fault).toBeUndefined();
      expect({ items, fault }).toEqual(naiveOutline(text, 2, "metadata"));
    }),
    { numRuns: 1_000 },
  );
});

test("whatever JSON.stringify writes has nothing wrong with it but names and halves of pairs", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      const { items, fault } = outlineOf(text, 0);
      expect([items.length, items[0]?.text, fault]).toEqual([1, text, undefined]);
      const said = items[0]?.fault?.detail;
      if (said !== undefined) expect(said).toMatch(/must not be called|surrogate/);
    }),
  );
});

test("16 levels and 256 fields are taken, and not one more of either", () => {
  const detailOf = (text: string) => outlineOf(text, 0).items[0]?.fault;
  const fields = (count: number) => `{${Array.from({ length: count }, (_, i) => `"k${i}":{}`).join()}}`;
  expect(detailOf(nested("1", 16))).toBeUndefined();
  expect(detailOf(nested("1", 17))?.detail).toBe("is nested deeper than 16 levels");
  expect(detailOf(fields(256))).toBeUndefined();
  expect(detailOf(fields(257))).toEqual({ path: [], detail: "has more than 256 fields" });
});

test("a body of one kind of bracket or escape alone is read to its end", () => {
  const size = 500_000;
  for (const text of [
    "[".repeat(size) + "]".repeat(size),
    `${'{"a":'.repeat(size / 5)}1${"}".repeat(size / 5)}`,
    `"${"\\\\".repeat(size)}"`,
    `"${"\\ud800".repeat(size / 6)}"`,
    `[${'"\\u0061",'.repeat(size / 10)}1]`,
    " ".repeat(size * 2 - 1) + 1,
  ]) {
    JSON.parse(text);
    expect(outlineOf(text, 0, "a").items).toHaveLength(1);
    expect(outlineOf(`{"events":[${text}]}`, 2, "a").items).toHaveLength(1);
  }
});

test("a path is written as a pointer that a URI can carry, and for people", () => {
  expect(pointerTo([])).toBe("#");
  expect(pointerTo(["metadata", "a/b~c", 0, "d e#f%?"])).toBe("#/metadata/a~1b~0c/0/d%20e%23f%25?");
  expect(pointerTo(["\ud800".repeat(200)])).toBe(`#/${encodeURI("\ufffd".repeat(100))}`);
  expect([dotted([]), dotted(["actor", "id"]), dotted(["list", 3])]).toEqual(["", "actor.id", "list.3"]);
});

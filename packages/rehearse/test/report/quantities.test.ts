import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatCount,
  formatCountOf,
  formatDuration,
  formatForeign,
  formatInstant,
  formatPath,
  formatShare,
} from "../../src/report/quantities.ts";
import { HOSTILE } from "./sample-rehearsal.ts";

test("counts are written in thousands, and one is one", () => {
  expect(formatCount(1_204_331)).toBe("1,204,331");
  expect([0, 1, 2].map((count) => formatCountOf(count, "line"))).toEqual(["0 lines", "1 line", "2 lines"]);
});

test.each([
  [0, 10, "0%"],
  [0, 0, "0%"],
  [10, 10, "100%"],
  [6_111, 1_204_331, "0.51%"],
  [111, 1_204_331, "<0.01%"],
  [1_204_330, 1_204_331, ">99.99%"],
  [1, 3, "33.3%"],
  [995, 1000, "99.50%"],
])("%d of %d is %s", (part, whole, text) => {
  expect(formatShare(part, whole)).toBe(text);
});

test("a share that is neither nothing nor all is never told as either", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 12 }), fc.integer({ min: 1, max: 10 ** 12 }), (part, rest) => {
      expect(["0%", "0.00%", "100%", "100.00%"]).not.toContain(formatShare(part, part + rest));
    }),
  );
});

test.each([
  [0, "0ms"],
  [999, "999ms"],
  [1000, "1s"],
  [61_500, "1m 1s"],
  [3_600_000, "1h"],
  [7_500_000, "2h 5m"],
  [86_400_000 * 3 + 60_000, "3d"],
])("%d ms are %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("an instant is in UTC, to the second", () => {
  expect(formatInstant(Date.UTC(2026, 0, 5, 13, 4, 5, 999))).toBe("2026-01-05 13:04:05Z");
});

test("a path that is too long keeps its end, by which files are told apart", () => {
  expect(formatPath("policies/new.yaml", 17)).toBe("policies/new.yaml");
  expect(formatPath("policies/new.yaml", 9)).toBe("…new.yaml");
});

test("what strangers wrote stays on its line, shows what cannot be seen, and is cut", () => {
  expect(formatForeign(HOSTILE)).toBe(`<script>alert("1")</script>\\u{1b}[2J\\u{202e}&'`);
  expect(formatForeign("x".repeat(100), 10)).toBe("xxxxxxxxx…");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(formatForeign(text, 20)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
  );
});

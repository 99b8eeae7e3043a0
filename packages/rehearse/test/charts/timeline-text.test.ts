import { expect, test } from "vitest";
import { timelineText } from "../../src/charts/timeline-text.ts";
import { PLAIN } from "../../src/report/paint.ts";

test.each([
  { admitted: 1, says: "at most 1 request, from" },
  { admitted: 2, says: "at most 2 requests, from" },
])("the busiest step is told in words: $says", ({ admitted, says }) => {
  const step = { from: Date.UTC(2026, 0, 5), admitted, refused: 0, shadowRefused: 0 };
  expect(timelineText({ stepMs: 1000, steps: [step] }, 10, PLAIN).join("\n")).toContain(says);
});

import { describe, expect, test } from "vitest";
import type { Rehearsal } from "../../src/rehearsal.ts";
import { type Comparison, compare } from "../../src/report/comparison.ts";
import { formatReport } from "../../src/report/text-report.ts";
import { SAMPLE } from "./sample-rehearsal.ts";

function textOf(comparison: Comparison): string {
  const against = { policy: "live.yaml", comparison };
  return formatReport(
    { policy: "stricter.yaml", rehearsal: comparison.after, against },
    { columns: 100, colour: false },
  );
}

/** The sample with these refusals by address and no others. */
function refusing(counts: Readonly<Record<string, number>>): Rehearsal {
  const [caller] = SAMPLE.callers;
  const callers = Object.entries(counts).map(([value, refused]) => ({
    ...(caller as NonNullable<typeof caller>),
    kind: "ip",
    value,
    refused,
  }));
  return { ...SAMPLE, callers, callersRefused: { count: callers.length, isEstimate: false } };
}

describe("two policies over the same traffic", () => {
  const before = refusing({ "192.0.2.1": 10, "192.0.2.2": 5, "192.0.2.3": 7, "192.0.2.4": 1 });
  const after = refusing({ "192.0.2.1": 300, "192.0.2.2": 4, "192.0.2.4": 1, "192.0.2.5": 20 });
  const comparison = compare(before, after);

  test("are compared caller by caller, the greatest difference first", () => {
    expect(comparison.callers.map(({ value, before, after, effect }) => [value, before, after, effect])).toEqual([
      ["192.0.2.1", 10, 300, "refused-more"],
      ["192.0.2.5", 0, 20, "newly-refused"],
      ["192.0.2.3", 7, 0, "no-longer-refused"],
      ["192.0.2.2", 5, 4, "refused-less"],
    ]);
    expect(comparison).toMatchObject({ newlyRefused: 1, noLongerRefused: 1, isComplete: true });
  });

  test("are told of before either is by itself", () => {
    const text = textOf(comparison);
    expect(text).toMatch(/^Example API\n {2}Rehearsal of stricter\.yaml against live\.yaml, with 1,204,345 lines of/);
    expect(text.indexOf("Callers newly refused")).toBeLessThan(text.indexOf("stricter.yaml by itself\n  requests"));
  });

  test("are told apart by name on a terminal", () => {
    const text = textOf(comparison);
    expect(text).toMatch(
      /\n\nWhat changes from live\.yaml to stricter\.yaml\n {2}all together +live\.yaml +stricter\.yaml +change\n/,
    );
    expect(text).toMatch(/Callers newly refused \(1\)\n.*\n {2}ip 192\.0\.2\.5 +0 +20 +\+20\n/);
    expect(text).toMatch(/Callers no longer refused \(1\)\n.*\n {2}ip 192\.0\.2\.3 +7 +0 +−7\n/);
  });

  test("have their limits and endpoints side by side, those too that only one has", () => {
    const [writes] = after.limits;
    const other = { ...after, limits: [{ ...(writes as NonNullable<typeof writes>), name: "all-writes", denied: 9 }] };
    expect(compare(before, other).limits).toEqual([
      { name: "all-writes", before: null, after: 9 },
      { name: "writes", before: 5_800, after: null },
      { name: "reads", before: 250, after: null },
      { name: "payload", before: 111, after: null },
      { name: "tighter-reads", before: 570, after: null },
    ]);
    expect(comparison.endpoints.map(({ name }) => name)).toEqual(["POST /v1/events", null]);
  });

  test("that are the same differ in nothing", () => {
    expect(compare(before, before).callers).toEqual([]);
    expect(textOf(compare(before, before))).not.toMatch(/[+−]\d/);
  });
});

test("a caller that is not listed where not all are is not called newly refused", () => {
  const before = { ...refusing({ "192.0.2.1": 10 }), callersRefused: { count: 400, isEstimate: false } };
  const comparison = compare(before, refusing({ "192.0.2.2": 30 }));
  const { callers, isComplete, newlyRefused } = comparison;
  expect(textOf(comparison)).toMatch(/Too many callers were refused to list all.*\n\nstricter\.yaml by itself\n/);
  expect(isComplete).toBe(false);
  expect(newlyRefused).toBe(0);
  expect(callers).toContainEqual({ kind: "ip", value: "192.0.2.2", before: null, after: 30, effect: "refused-more" });
  expect(callers).toContainEqual({ kind: "ip", value: "192.0.2.1", before: 10, after: 0, effect: "no-longer-refused" });
});

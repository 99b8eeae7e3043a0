import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadPolicy } from "../src/index.ts";

const lines = readFileSync(new URL("fixtures/good/full.yaml", import.meta.url), "utf8").split("\n");

/** A policy or faults, never both, never neither, and never an exception. */
function expectAnswer(text: string): void {
  const { policy, problems } = loadPolicy(text);
  const faults = problems.filter(({ severity }) => severity === "fault");
  expect(policy === undefined).toBe(faults.length > 0);
  for (const { line, column } of problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(text.split("\n").length);
    expect(column).toBeGreaterThanOrEqual(1);
  }
}

test("whatever becomes of a line, a file is a policy or has faults", () => {
  const scraps = [
    "",
    "null",
    "[]",
    "{}",
    "-1",
    "true",
    "*a",
    "&a x",
    "!x",
    "<<: {}",
    "__proto__: 1",
    "? [a]",
    "\u0000",
  ];
  const scrap = fc.oneof(fc.constantFrom(...scraps), fc.string());
  const values = fc.tuple(fc.nat({ max: lines.length - 1 }), fc.boolean(), scrap);
  fc.assert(
    fc.property(values, ([at, keepsName, value]) => {
      const line = lines[at] ?? "";
      const changed = keepsName ? `${line.slice(0, line.indexOf(":") + 1)} ${value}` : value;
      expectAnswer(lines.with(at, changed).join("\n"));
    }),
    { numRuns: 200 },
  );
});

test("any text at all is a policy or has faults", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), expectAnswer));
});

test("nesting without end is a fault", () => {
  expectAnswer("[".repeat(100_000));
  expectAnswer(`a: ${"{a: ".repeat(20_000)}`);
  expectAnswer("- ".repeat(20_000));
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseReset,
  parseXRateLimit,
  type ResetFormat,
  renderReset,
  renderXRateLimit,
  type Verdict,
} from "../../src/index.ts";
import { headerOf, verdicts } from "./verdict-arbitrary.ts";

const FORMATS = ["epoch-seconds", "epoch-ms", "iso-8601", "delta-seconds"] as const;
const instants = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });

function throughTheWire(verdict: Verdict, format: ResetFormat, now: number) {
  const pairs = renderXRateLimit(verdict, format, now);
  const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) =>
    headerOf(pairs, `X-RateLimit-${name}`),
  );
  return parseXRateLimit({ limit, remaining, reset }, format, now);
}

describe.each(["none", ...FORMATS] as const)("x-ratelimit, reset as %s", (format) => {
  test("what is rendered is what is parsed, remaining below zero too", () => {
    fc.assert(
      fc.property(verdicts, instants, (verdict, instant) => {
        // Seconds since the epoch cannot tell parts of a second: they are whole where the time of day is.
        const now = format === "epoch-seconds" ? instant - (instant % 1000) : instant;
        const { limit, remaining, resetMs } = verdict;
        const reset = format === "none" ? {} : { resetSeconds: Math.ceil(resetMs / 1000) };
        expect(throughTheWire(verdict, format, now)).toEqual({ quota: limit.quota, remaining, ...reset });
      }),
    );
  });
});

describe.each(FORMATS)("a reset as %s", (format) => {
  test("is never too early, and less than a second late", () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 100_000_000 }), (now, resetMs) => {
        const parsed = parseReset(renderReset(now + resetMs, format, now), format, now);
        expect(parsed).toBeGreaterThanOrEqual(resetMs);
        expect(parsed).toBeLessThan(resetMs + 1000);
      }),
    );
  });

  test("that is over is now", () => {
    const now = 1_700_000_000_000;
    expect(parseReset(renderReset(now - 5_000, format, now), format, now)).toBe(0);
  });

  test("that is malformed is ignored", () => {
    for (const value of [
      "",
      "soon",
      "1.5",
      "1e3",
      "0x10",
      "12 34",
      "2026-13-45T00:00:00Z",
      "2026-01-01",
      "9".repeat(16),
    ]) {
      expect(parseReset(value, format, 0)).toBeUndefined();
    }
  });
});

test("each format says the same instant its own way", () => {
  const now = Date.parse("2026-05-04T03:02:01.500Z");
  const said = FORMATS.map((format) => renderReset(now + 60_000, format, now));
  expect(said).toEqual(["1777863782", "1777863781500", "2026-05-04T03:03:01.500000Z", "60"]);
});

test("without a whole number for limit and remaining, there is nothing to obey", () => {
  const parse = (limit?: string, remaining?: string) => parseXRateLimit({ limit, remaining }, "none", 0);
  expect(parse("100", "-3")).toEqual({ quota: 100, remaining: -3 });
  expect(parse(" 100 ", "99")).toEqual({ quota: 100, remaining: 99 });
  for (const value of [undefined, "", "many", "1.5", "1,2", "NaN", "Infinity"]) {
    expect(parse(value, "1")).toBeUndefined();
    expect(parse("1", value)).toBeUndefined();
  }
});

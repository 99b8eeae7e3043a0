import { renderReset } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { msUntil } from "../../src/reading/instant.ts";

const NOW = 1_800_000_000_123;
const FORMATS = ["epoch-seconds", "epoch-ms", "iso-8601", "delta-seconds"] as const;

describe.each(FORMATS)("a reset as %s that nobody declared", (format) => {
  test("is guessed, never early, and less than a second late, whenever it is and however far away", () => {
    const instants = fc.integer({ min: Date.UTC(2002, 0), max: Date.UTC(2100, 0) });
    const waits = fc.integer({ min: 0, max: 366 * 86_400_000 });
    fc.assert(
      fc.property(instants, waits, (now, waitMs) => {
        const guessed = msUntil(renderReset(now + waitMs, format, now), () => now);
        expect(guessed).toBeGreaterThanOrEqual(waitMs);
        expect(guessed).toBeLessThan(waitMs + 1000);
      }),
    );
  });

  test("that is over is no wait", () => {
    expect(msUntil(renderReset(NOW - 5_000, format, NOW), () => NOW)).toBe(0);
  });
});

test.each([
  ["1800000002.5", 2_377],
  ["2.5", 2_500],
  ["0.0001", 1],
  [" 2 ", 2_000],
  ["2027-01-15T08:00:02.123456Z", 2_000],
  ["2027-01-15T08:00:02.123", 2_000],
  ["2027-01-15 08:00:02 UTC", 1_877],
  ["2027-01-15 10:00:02 +0200", 1_877],
  ["2027-01-15T10:00:02+02:00", 1_877],
  ["Fri, 15 Jan 2027 08:00:02 GMT", 1_877],
  ["Friday, 15-Jan-27 08:00:02 GMT", 1_877],
  ["Fri Jan 15 08:00:02 2027", 1_877],
])("%s is an instant, or a wait, in a format that is in use", (text, waitMs) => {
  expect(msUntil(text, () => NOW)).toBe(waitMs);
});

test.each(["", "soon", "NaN", "Infinity", "0x10", "1e3", "1,5", "--1", "99999999999999999999", "2027-13-45T99:00:00Z"])(
  "%j is no instant",
  (text) => {
    expect(msUntil(text, () => NOW)).toBeUndefined();
  },
);

test("no text makes it throw, or say a wait that is no number", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const waitMs = msUntil(text, () => NOW);
      expect(waitMs === undefined || (Number.isFinite(waitMs) && waitMs >= 0)).toBe(true);
    }),
  );
});

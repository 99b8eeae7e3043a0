import fc from "fast-check";
import { expect, test } from "vitest";
import { readTime } from "../../src/ingest/event-time.ts";
import { START as NOW } from "../rig.ts";

const LATEST = NOW + 5 * 60_000;

const past = fc.integer({ min: 0, max: LATEST });

test("every ms of the past is read from ISO 8601 at any offset, and from epoch seconds as a number and as text", () => {
  fc.assert(
    fc.property(past, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), (ms, offsetMinutes) => {
      expect(readTime(new Date(ms).toISOString(), NOW)).toBe(ms);
      expect(readTime(withOffset(ms, offsetMinutes), NOW)).toBe(ms);
      expect(readTime(ms / 1000, NOW)).toBe(ms);
      expect(readTime(String(ms / 1000), NOW)).toBe(ms);
      expect(readTime((ms / 1000).toFixed(3), NOW)).toBe(ms);
    }),
    { numRuns: 2_000 },
  );
});

test("what is below a ms is cut off, in every spelling", () => {
  fc.assert(
    fc.property(past, fc.integer({ min: 0, max: 999 }), (ms, us) => {
      const micros = String(us).padStart(3, "0");
      expect(readTime(new Date(ms).toISOString().replace("Z", `${micros}Z`), NOW)).toBe(ms);
      expect(readTime(`${(ms / 1000).toFixed(3)}${micros}`, NOW)).toBe(ms);
    }),
  );
});

test.each([
  ["2029-12-31T23:59Z", "2029-12-31T23:59:00.000Z"],
  ["2029-12-31t23:59:59z", "2029-12-31T23:59:59.000Z"],
  ["2029-12-31T23:59:59,5+00:00", "2029-12-31T23:59:59.500Z"],
  ["2029-12-31T21:59:59.123456789-0130", "2029-12-31T23:29:59.123Z"],
  ["2030-01-01T01:00:00+01", "2030-01-01T00:00:00.000Z"],
  ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"],
  ["1969-12-31T23:30:00-01:00", "1970-01-01T00:30:00.000Z"],
  ["1893456000", "2030-01-01T00:00:00.000Z"],
  ["+1893456000.25", "2030-01-01T00:00:00.250Z"],
  [1893456000.25, "2030-01-01T00:00:00.250Z"],
  [1.001, "1970-01-01T00:00:01.001Z"],
  [0, "1970-01-01T00:00:00.000Z"],
  [LATEST / 1000, new Date(LATEST).toISOString()],
])("%s is %s", (value, iso) => {
  expect(readTime(value, NOW)).toBe(Date.parse(iso));
});

const NEITHER = "is neither ISO 8601 nor Unix epoch seconds";
const NONE = "is no moment that there is";

test.each([
  ["0000-01-01T00:00:00Z", "is before 1970"],
  ["0099-12-31T23:59:59Z", "is before 1970"],
  ["1969-12-31T23:59:59.999Z", "is before 1970"],
  ["1970-01-01T00:00:00+00:01", "is before 1970"],
  [-1, "is before 1970"],
  ["-0.001", "is before 1970"],
  [Number.NEGATIVE_INFINITY, "is before 1970"],
  ["9999-12-31T23:59:59Z", "is in the future"],
  ["9999-12-31T23:59:59-23:59", "is in the future"],
  [new Date(LATEST + 1).toISOString(), "is in the future"],
  [(LATEST + 1) / 1000, "is in the future"],
  [4102444800, "is in the future"],
  [Number.POSITIVE_INFINITY, "is in the future"],
  [NOW, "is in the future: epoch times are in seconds, not in ms"],
  [String(NOW), "is in the future: epoch times are in seconds, not in ms"],
  [NOW * 1000, "is in the future"],
  ["2030-02-30T00:00:00Z", NONE],
  ["2029-02-29T00:00:00Z", NONE],
  ["2029-13-01T00:00:00Z", NONE],
  ["2029-00-01T00:00:00Z", NONE],
  ["2029-01-00T00:00:00Z", NONE],
  ["2029-12-31T24:00:00Z", NONE],
  ["2029-12-31T23:60:00Z", NONE],
  ["2029-12-31T23:59:61Z", NONE],
  ["2029-12-31T23:59:59+24:00", NONE],
  ["2029-12-31T23:59:59+00:60", NONE],
  ["2016-12-31T23:59:60Z", "has a second 60, which epoch time lacks"],
  ["2029-12-31T23:59:59", "does not say its offset from UTC, such as Z or +02:00"],
  ["2029-12-31", NEITHER],
  ["2029-12-31 23:59:59Z", NEITHER],
  ["29-12-31T23:59:59Z", NEITHER],
  ["+002029-12-31T23:59:59Z", NEITHER],
  ["2029-W52-1T00:00:00Z", NEITHER],
  ["Mon, 31 Dec 2029 23:59:59 GMT", NEITHER],
  ["yesterday", NEITHER],
  ["", NEITHER],
  [" 1893456000", NEITHER],
  ["1e9", NEITHER],
  ["0x10", NEITHER],
  ["1.", NEITHER],
  ["٢٠٢٩-12-31T23:59:59Z", NEITHER],
  ["2029-12-31T23:59:59Z\n", NEITHER],
  [true, NEITHER],
  [null, NEITHER],
  [{}, NEITHER],
  [[1893456000], NEITHER],
])("%j is refused: %s", (value, fault) => {
  expect(readTime(value, NOW)).toEqual({ fault });
});

test("no text makes it throw or read anything but a whole ms in the past", () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/),
  );
  fc.assert(
    fc.property(fc.oneof(text, fc.double(), fc.jsonValue()), (value) => {
      const time = readTime(value, NOW);
      if (typeof time === "object") expect(time.fault).toMatch(/^(is|has|does) /);
      else expect([Number.isSafeInteger(time), time >= 0, time <= LATEST]).toEqual([true, true, true]);
    }),
    { numRuns: 2_000 },
  );
});

function withOffset(ms: number, offsetMinutes: number): string {
  const local = new Date(ms + offsetMinutes * 60_000).toISOString();
  const [hours, minutes] = [Math.abs(offsetMinutes / 60), Math.abs(offsetMinutes % 60)];
  const offset = [Math.floor(hours), minutes].map((part) => String(part).padStart(2, "0")).join(":");
  return local.replace("Z", (offsetMinutes < 0 ? "-" : "+") + offset);
}

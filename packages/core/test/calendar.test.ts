import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { calendarWindow, defineLimit, isTimezone, MemoryStore } from "../src/index.ts";

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const iso = (instant: number) => new Date(instant).toISOString();

function dayOf(timezone: string, instant: string) {
  const { start, end } = calendarWindow({ unit: "day", timezone }, at(instant));
  return { start: iso(start), end: iso(end), hours: (end - start) / HOUR };
}

describe("a day", () => {
  test("has 24 hours between midnights of its zone", () => {
    expect(dayOf("Europe/Berlin", "2026-01-15T12:00:00Z")).toEqual({
      start: "2026-01-14T23:00:00.000Z",
      end: "2026-01-15T23:00:00.000Z",
      hours: 24,
    });
  });

  test("has 23 hours when clocks go forward, and 25 when they go back", () => {
    expect(dayOf("Europe/Berlin", "2026-03-29T12:00:00Z")).toEqual({
      start: "2026-03-28T23:00:00.000Z",
      end: "2026-03-29T22:00:00.000Z",
      hours: 23,
    });
    expect(dayOf("Europe/Berlin", "2026-10-25T12:00:00Z")).toEqual({
      start: "2026-10-24T22:00:00.000Z",
      end: "2026-10-25T23:00:00.000Z",
      hours: 25,
    });
  });

  test("starts at 01:00 where its midnight does not exist", () => {
    expect(dayOf("America/Sao_Paulo", "2018-11-04T12:00:00Z")).toEqual({
      start: "2018-11-04T03:00:00.000Z",
      end: "2018-11-05T02:00:00.000Z",
      hours: 23,
    });
    expect(dayOf("Asia/Beirut", "2026-03-29T12:00:00Z")).toEqual({
      start: "2026-03-28T22:00:00.000Z",
      end: "2026-03-29T21:00:00.000Z",
      hours: 23,
    });
  });

  test("of 30 minutes' shift has 23.5 hours", () => {
    expect(dayOf("Australia/Lord_Howe", "2026-10-03T16:00:00Z").hours).toBe(23.5);
  });

  test("that a zone left out is nobody's: the day before it ends where the day after it starts", () => {
    // Samoa went from Thursday 29 to Saturday 31 December 2011.
    expect(dayOf("Pacific/Apia", "2011-12-30T09:59:59Z").end).toBe("2011-12-30T10:00:00.000Z");
    expect(dayOf("Pacific/Apia", "2011-12-30T10:00:00Z").start).toBe("2011-12-30T10:00:00.000Z");
  });
});

// Each of a million callers whose last window ended at midnight had both windows looked for, for 300 us, under a lock.
test("two windows that meet are looked for once, however often they are asked for in turn", () => {
  const timezone = "Pacific/Auckland";
  const [before, after] = [at("2031-03-04T10:59:59.999Z"), at("2031-03-04T11:00:00.000Z")];
  const days = [dayOf(timezone, iso(before)), dayOf(timezone, iso(after))];
  expect(days[0]?.end).toBe(days[1]?.start);
  const format = vi.spyOn(Intl.DateTimeFormat.prototype as { readonly format: unknown }, "format", "get");
  for (let i = 0; i < 10; i++) expect([dayOf(timezone, iso(before)), dayOf(timezone, iso(after))]).toEqual(days);
  expect(format).not.toHaveBeenCalled();
  format.mockRestore();
});

describe("a month", () => {
  test("is as long as it is", () => {
    const days = (instant: string) => {
      const { start, end } = calendarWindow({ unit: "month", timezone: "UTC" }, at(instant));
      return (end - start) / (24 * HOUR);
    };
    expect(days("2026-01-31T23:59:59.999Z")).toBe(31);
    expect(days("2026-02-01T00:00:00Z")).toBe(28);
    expect(days("2028-02-29T12:00:00Z")).toBe(29);
    expect(days("2026-04-30T12:00:00Z")).toBe(30);
    expect(days("9999-12-01T00:00:00Z")).toBe(31);
  });

  test("begins and ends at its zone's midnight, in the offset of the time", () => {
    const { start, end } = calendarWindow({ unit: "month", timezone: "America/New_York" }, at("2026-03-20T00:00:00Z"));
    expect([iso(start), iso(end)]).toEqual(["2026-03-01T05:00:00.000Z", "2026-04-01T04:00:00.000Z"]);
  });
});

test("windows hold their instant and follow one another without gap or overlap, in every zone", () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf("timeZone"));
  // Before 2012 some zones set their clocks back just after midnight, and had a day in two pieces.
  const instants = fc.integer({ min: at("2012-01-01T00:00:00Z"), max: at("2200-01-01T00:00:00Z") });
  fc.assert(
    fc.property(zones, fc.constantFrom("day", "month"), instants, (timezone, unit, instant) => {
      const calendar = { unit, timezone } as const;
      const { start, end } = calendarWindow(calendar, instant);
      expect(start).toBeLessThanOrEqual(instant);
      expect(instant).toBeLessThan(end);
      expect(calendarWindow(calendar, start)).toEqual({ start, end });
      expect(calendarWindow(calendar, end - 1)).toEqual({ start, end });
      expect(calendarWindow(calendar, end).start).toBe(end);
      expect(calendarWindow(calendar, start - 1).end).toBe(start);
    }),
    { numRuns: 300 },
  );
});

test("a daily limit in a zone lets its caller in again at that zone's midnight, on a long day too", () => {
  const limit = defineLimit({ name: "daily", quota: 1, calendar: { unit: "day", timezone: "Europe/Berlin" } });
  const claims = [{ limit, partition: "caller", cost: 1 }];
  const store = new MemoryStore({ maxPartitions: 10 });
  const noon = at("2026-10-25T11:00:00Z");
  store.consume(claims, noon);
  const [denied] = store.consume(claims, noon);
  expect(denied).toMatchObject({ admitted: false, resetMs: 12 * HOUR, retryAfterMs: 12 * HOUR });
  expect(store.peek(claims, noon + 12 * HOUR - 1)[0]?.admitted).toBe(false);
  expect(store.consume(claims, noon + 12 * HOUR)[0]?.admitted).toBe(true);
});

test("zone names are told from what is none", () => {
  expect(["UTC", "Europe/Berlin", "America/Argentina/Ushuaia"].map(isTimezone)).toEqual([true, true, true]);
  expect(["", "Berlin", "Europe/Atlantis"].map(isTimezone)).toEqual([false, false, false]);
});

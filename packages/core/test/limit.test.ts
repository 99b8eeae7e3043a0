import { describe, expect, test } from "vitest";
import { defineLimit, HeadgateError, type LimitSpec } from "../src/index.ts";

const minute = { name: "reads", quota: 100, windowMs: 60_000 };

describe("defineLimit", () => {
  test("fills in everything but name, quota and window", () => {
    expect(defineLimit(minute)).toEqual({
      name: "reads",
      algorithm: "fixed-window",
      quota: 100,
      windowMs: 60_000,
      calendar: undefined,
      align: "first-request",
      capacity: 100,
      unit: "requests",
      countRejected: false,
      isShadow: false,
      counterId: expect.any(Array),
    });
  });

  test("counts a concurrency limit in requests in flight, held for a minute", () => {
    const limit = defineLimit({ name: "in flight", quota: 5, algorithm: "concurrency" });
    expect(limit).toMatchObject({ unit: "concurrent-requests", windowMs: 60_000 });
  });

  test("takes the nominal length of a calendar window", () => {
    const calendar = { unit: "month", timezone: "UTC" } as const;
    expect(defineLimit({ name: "monthly", quota: 1, calendar }).windowMs).toBe(30 * 86_400_000);
  });

  test("gives limits counters of their own, unless they name the same one and count the same way", () => {
    const id = (spec: Partial<LimitSpec>) => defineLimit({ ...minute, ...spec }).counterId;
    expect(id({ quota: 5 })).toEqual(id({}));
    expect(id({ name: "writes" })).not.toEqual(id({}));
    expect(id({ algorithm: "token-bucket" })).not.toEqual(id({}));
    expect(id({ name: "reads (pro)", counter: "reads" })).toEqual(id({}));
  });

  test.each<[fault: string, spec: Partial<LimitSpec>, message: RegExp]>([
    ["no name", { name: "" }, /needs a name/],
    ["a quota of nothing", { quota: 0 }, /quota must be a whole number/],
    ["half a unit", { quota: 1.5 }, /quota must be a whole number/],
    ["no number", { quota: Number.NaN }, /quota must be a whole number/],
    ["a quota beyond counting", { quota: 2 ** 41 }, /quota must be a whole number from 1 to 2\^40/],
    ["no time", { windowMs: 0 }, /window must be a whole number of ms/],
    ["more than 400 days", { windowMs: 400 * 86_400_000 + 1 }, /up to 400 days/],
    ["quota x window beyond 2^53", { quota: 2 ** 40, algorithm: "sliding-window" }, /too large to count exactly/],
    ["burst without a bucket", { burst: 5 }, /burst belongs to token-bucket/],
    ["half a unit of burst", { burst: 1.5, algorithm: "token-bucket" }, /burst must be a whole number/],
    ["a place that does not exist", { calendar: { unit: "day", timezone: "Mars/Utopia" } }, /not a time zone/],
    [
      "a sliding day",
      { algorithm: "sliding-window", calendar: { unit: "day", timezone: "UTC" } },
      /belong to fixed-window/,
    ],
    ["rejected requests in flight", { algorithm: "concurrency", countRejected: true }, /never in flight/],
  ])("refuses %s, naming the limit and the field", (_fault, spec, message) => {
    const define = () => defineLimit({ ...minute, ...spec });
    expect(define).toThrow(HeadgateError);
    expect(define).toThrow(message);
    expect(define).toThrow(expect.objectContaining({ code: "HG_LIMIT_INVALID" }));
    expect(define).toThrow(`limit "${spec.name ?? "reads"}"`);
  });

  test("refuses a limit without a window", () => {
    expect(() => defineLimit({ name: "reads", quota: 100 })).toThrow(/needs a window/);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoggedRequest } from "../../src/logged-request.ts";
import { syntheticTraffic } from "../../src/synthetic/synthetic-traffic.ts";
import { TRAFFIC_SHAPES, type TrafficSpec } from "../../src/synthetic/traffic-spec.ts";

const HOUR_MS = 3_600_000;
const anySpec: fc.Arbitrary<TrafficSpec> = fc.record({
  shape: fc.constantFrom(...TRAFFIC_SHAPES),
  ratePerSecond: fc.double({ min: 0.1, max: 50, noNaN: true }),
  callers: fc.integer({ min: 1, max: 2000 }),
  durationMs: fc.integer({ min: 1, max: 60_000 }),
  seed: fc.maxSafeNat(),
  startsAt: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  routes: fc.constant([{ method: "GET", target: "/v1/events/{id}" }]),
  headers: fc.constant({ "x-api-key": "key-{caller}" }),
});

/** A day of a hundred callers at 2/s, unless told otherwise. */
function spec(changes: Partial<TrafficSpec>): TrafficSpec {
  return {
    shape: "poisson",
    ratePerSecond: 2,
    callers: 100,
    durationMs: 24 * HOUR_MS,
    seed: 7,
    startsAt: Date.UTC(2026, 0, 5),
    routes: [{ method: "GET", target: "/" }],
    headers: { "x-api-key": "{caller}" },
    ...changes,
  };
}

function traffic(changes: Partial<TrafficSpec>): LoggedRequest[] {
  return [...syntheticTraffic(spec(changes))];
}

/** Requests of each step of a length. */
function perStep(requests: readonly LoggedRequest[], stepMs: number): number[] {
  const counts: number[] = [];
  const first = spec({}).startsAt;
  for (const { time } of requests) {
    const step = Math.floor((time - first) / stepMs);
    counts[step] = (counts[step] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0);
}

/** The variance of numbers as a part of their mean: 1 for independent requests. */
function dispersion(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean;
}

function perCaller(requests: readonly LoggedRequest[]): Map<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const { ip } of requests) counts.set(ip, (counts.get(ip) ?? 0) + 1);
  return counts;
}

describe("traffic of any shape", () => {
  test("is in order of time, and within the time it is to last", () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        let before = spec.startsAt;
        for (const { time } of syntheticTraffic(spec)) {
          expect(time).toBeGreaterThanOrEqual(before);
          expect(time).toBeLessThan(spec.startsAt + spec.durationMs);
          expect(Number.isSafeInteger(time)).toBe(true);
          before = time;
        }
      }),
    );
  });

  test("is the same for the same seed, and another for another", () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        expect([...syntheticTraffic(spec)]).toEqual([...syntheticTraffic(spec)]);
      }),
      { numRuns: 30 },
    );
    expect(traffic({ seed: 1 })).not.toEqual(traffic({ seed: 2 }));
  });

  test.each(TRAFFIC_SHAPES.filter((shape) => shape !== "retry-storm"))("has the rate it is asked for: %s", (shape) => {
    const { length } = traffic({ shape });
    expect(length).toBeGreaterThan(2 * 86_400 * 0.97);
    expect(length).toBeLessThan(2 * 86_400 * 1.03);
  });

  test("comes from as many callers as were asked for, each with its own address and key", () => {
    const requests = traffic({ callers: 300 });
    expect(perCaller(requests).size).toBe(300);
    expect(new Set(requests.map(({ ip, headers }) => `${ip} ${headers["x-api-key"]}`)).size).toBe(300);
  });

  test("asks for each route as often as for the others, and for many ids", () => {
    const requests = traffic({
      routes: [
        { method: "GET", target: "/v1/events/{id}" },
        { method: "POST", target: "/v1/events" },
      ],
    });
    const posts = requests.filter(({ method }) => method === "POST").length;
    expect(posts / requests.length).toBeCloseTo(0.5, 1);
    expect(new Set(requests.map(({ target }) => target)).size).toBe(1001);
  });

  test("is made as it is asked for: the beginning of a year costs nothing of its end", () => {
    const [first] = syntheticTraffic(spec({ durationMs: 365 * 24 * HOUR_MS, ratePerSecond: 1_000_000 }));
    expect(first?.time).toBe(spec({}).startsAt);
  });
});

describe("the shapes", () => {
  test("steady traffic has equal gaps, and each caller its turn", () => {
    const requests = traffic({ shape: "steady", durationMs: HOUR_MS });
    expect(requests.slice(0, 3).map(({ time }) => time - spec({}).startsAt)).toEqual([0, 500, 1000]);
    expect(new Set(perCaller(requests).values())).toEqual(new Set([72]));
  });

  test("Poisson traffic is as uneven as independent requests are", () => {
    expect(dispersion(perStep(traffic({}), 10_000))).toBeCloseTo(1, 1);
  });

  test("bursty traffic is more uneven by far", () => {
    expect(dispersion(perStep(traffic({ shape: "bursty" }), 10_000))).toBeGreaterThan(10);
  });

  test("diurnal traffic is busiest at 15:00 UTC, and has a ninth of that at 03:00", () => {
    const byHour = perStep(traffic({ shape: "diurnal", ratePerSecond: 10 }), HOUR_MS);
    const [night, day] = [byHour[3] as number, byHour[15] as number];
    expect(day / night).toBeGreaterThan(7.5);
    expect(day / night).toBeLessThan(10.5);
  });

  test("in a retry storm, all who failed come again at the same instant, until they are served", () => {
    const requests = traffic({ shape: "retry-storm", durationMs: HOUR_MS });
    const minute = perStep(requests, 60_000);
    expect(Math.max(...minute.slice(24, 30))).toBeGreaterThan(20 * Math.max(...minute.slice(0, 24)));
    expect(Math.max(...minute.slice(31))).toBeLessThan(200);
    const failed = requests.filter(({ status }) => status === 503);
    expect(failed.at(-1)?.time).toBeLessThan(spec({}).startsAt + HOUR_MS / 2);
    const instants = new Map<number, number>();
    for (const { time } of failed) instants.set(time, (instants.get(time) ?? 0) + 1);
    expect(Math.max(...instants.values())).toBeGreaterThanOrEqual(100);
  });

  test("the abuser sends a hundred times what each of the others does", () => {
    const counts = [...perCaller(traffic({ shape: "abuser", callers: 1000, ratePerSecond: 5 })).values()];
    const [most = 0, ...others] = counts.toSorted((a, b) => b - a);
    const mean = others.reduce((sum, count) => sum + count, 0) / others.length;
    expect(most / mean).toBeGreaterThan(90);
    expect(most / mean).toBeLessThan(110);
  });
});

import { defineLimit, type Limit } from "@headgate/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectRedis } from "../../src/connect/connect.ts";
import type { Standing } from "../../src/leased/centre.ts";
import { RedisCentre } from "../../src/leased/redis-centre.ts";
import type { Link } from "../../src/link.ts";
import { hasAnyRedis, startAnyRedis } from "../servers/any-redis.ts";
import { Counters } from "./counters.ts";

/** A question, asked `gapMs` after the one before. */
type Step = { readonly gapMs: number; readonly isRepeated: boolean } & (
  | {
      readonly asks: "take";
      readonly least: number;
      readonly need: number;
      readonly want: number;
      readonly processes: number;
    }
  | { readonly asks: "charge"; readonly units: number }
  | { readonly asks: "settle"; readonly units: number; readonly ticketOf: number }
);

const units = fc.integer({ min: 0, max: 30 });
const gaps = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.integer({ min: -300, max: 300 }));
const timing = { gapMs: gaps, isRepeated: fc.boolean() };
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    ...timing,
    asks: fc.constant("take" as const),
    least: units,
    need: units,
    want: units,
    processes: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ ...timing, asks: fc.constant("charge" as const), units }),
  fc.record({
    ...timing,
    asks: fc.constant("settle" as const),
    units: fc.integer({ min: -10, max: 20 }),
    ticketOf: fc.nat({ max: 5 }),
  }),
);
const limits: fc.Arbitrary<Limit> = fc
  .record({
    algorithm: fc.constantFrom("fixed-window" as const, "sliding-window" as const),
    align: fc.constantFrom("first-request" as const, "clock" as const),
    quota: fc.integer({ min: 1, max: 100 }),
    windowMs: fc.constantFrom(1, 7, 50, 200, 86_400_000),
    isDaily: fc.boolean(),
  })
  .map(({ algorithm, align, quota, windowMs, isDaily }) => {
    const calendar = { unit: "day", timezone: "Europe/Berlin" } as const;
    const isCalendar = isDaily && algorithm === "fixed-window";
    return defineLimit({ name: "calls", algorithm, quota, ...(isCalendar ? { calendar } : { align, windowMs }) });
  });

describe.skipIf(!hasAnyRedis)("over a real Redis, lease.lua", () => {
  let server: Awaited<ReturnType<typeof startAnyRedis>>;
  let link: Link;
  beforeAll(async () => {
    server = await startAnyRedis();
    link = await connectRedis(server.url);
  });
  afterAll(async () => {
    await link.close();
    await server.end();
  });

  test("answers to the unit what core's algorithms do, whatever is repeated on the way", async () => {
    const start = fc.constantFrom(1_900_000_012_345, Date.parse("2030-03-31T00:59:59.990Z"));
    await fc.assert(
      fc.asyncProperty(
        limits,
        start,
        fc.array(steps, { minLength: 1, maxLength: 30 }),
        async (limit, start, timeline) => {
          const counter = { limit, partition: "caller" };
          const counters = new Counters();
          let isRepeated = false;
          const repeating: Link = {
            ...link,
            hasSlots: false,
            slotOf: () => 0,
            run: async (...call) => {
              const answer = await link.run(...call);
              return isRepeated ? link.run(...call) : answer;
            },
          };
          const prefix = `test-${crypto.randomUUID()}`;
          const centre = new RedisCentre(repeating, { prefix, time: "caller", graceMs: 600_000 });
          const tickets = [start];
          let now = start;
          let settlements = 0;

          for (const step of timeline) {
            now += step.gapMs;
            isRepeated = step.isRepeated;
            let actual: Promise<Standing>;
            let expected: () => Standing;
            switch (step.asks) {
              case "take": {
                actual = centre.take(counter, () => step, now);
                expected = () => counters.take(counter, step, now);
                break;
              }
              case "charge": {
                actual = centre.charge(counter, step.units, now);
                expected = () => counters.charge(counter, step.units, now);
                break;
              }
              case "settle": {
                const ticket = tickets.at(-1 - step.ticketOf) ?? start;
                const number = ++settlements;
                actual = centre.settle(counter, step.units, ticket, now);
                expected = () => counters.settle(counter, step.units, ticket, "it", number, now);
                break;
              }
            }
            const first = expected();
            const standing = isRepeated ? expected() : first;
            expect(await actual).toEqual(standing);
            tickets.push(standing.cells[0]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

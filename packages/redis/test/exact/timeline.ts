import { type Claim, defineLimit, type Limit, withQuota } from "@headgate/core";
import fc from "fast-check";
import { ALGORITHMS, anyLimit } from "../../../core/test/arbitrary.ts";

/** What one request asks, all of it at one instant with the others of its tick. */
export type Step =
  | { readonly kind: "consume" | "peek" | "charge" | "reset"; readonly claims: readonly Claim[] }
  /** Gives back charges of earlier ticks, each named by a number that is taken modulo how many there are. */
  | { readonly kind: "refund"; readonly charges: readonly number[] };

/** Requests that come in one tick, `gapMs` after the last, or before it where the clock has been set back. */
interface Tick {
  readonly gapMs: number;
  readonly steps: readonly Step[];
}

/** What happens to some limits from `start` on, epoch ms. */
export interface Timeline {
  readonly start: number;
  readonly ticks: readonly Tick[];
}

const YEAR_MS = 365 * 86_400_000;
const CALLERS = ["one caller", "another"];

const calendars = fc.record({
  unit: fc.constantFrom("day", "month"),
  timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"),
});
const calendarLimits = fc
  .record({ name: fc.uuid(), quota: fc.integer({ min: 1, max: 12 }), calendar: calendars, countRejected: fc.boolean() })
  .map(defineLimit);
const limits = fc
  .tuple(fc.oneof(...ALGORITHMS.map(anyLimit), calendarLimits), fc.integer({ min: 0, max: 3 }))
  .map(([limit, kind]): Limit => ({ ...limit, isShadow: kind === 0 }));

/** Evenly spread; `fc.double` would be next to nothing nearly always. */
const shares = (max: number): fc.Arbitrary<number> => fc.nat(max * 1_000).map((thousandths) => thousandths / 1_000);

/** Long and short, with the limits' windows in between; now and then the clock is set back, by a little or by years. */
function gapsOf(met: readonly Limit[]): fc.Arbitrary<number> {
  const windows = fc.constantFrom(...met.map(({ windowMs }) => windowMs));
  const gaps = fc
    .tuple(windows, fc.oneof(shares(0.6), shares(1.3), shares(2.2)))
    .map(([ms, share]) => Math.round(ms * share));
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 16, arbitrary: gaps },
    { weight: 4, arbitrary: gaps.map((ms) => -ms) },
    { weight: 1, arbitrary: fc.constantFrom(-5, -YEAR_MS, YEAR_MS) },
  );
}

/** Claims on different counters, some by callers with a quota of their own. */
function claimsOn(met: readonly Limit[]): fc.Arbitrary<readonly Claim[]> {
  const counters = met.flatMap((limit) => CALLERS.map((partition) => ({ limit, partition })));
  const claim = fc.record({
    counter: fc.constantFrom(...counters),
    share: fc.oneof(fc.constant(0), shares(0.3), shares(0.3), shares(1.1)),
    quota: fc.option(fc.integer({ min: 1, max: 15 }), { freq: 6 }),
  });
  return fc.uniqueArray(claim, { minLength: 1, maxLength: 4, selector: ({ counter }) => counter }).map((drafts) =>
    drafts.map(({ counter, share, quota }) => {
      const limit = quota === null ? counter.limit : withQuota(counter.limit, quota);
      return { limit, partition: counter.partition, cost: Math.round(share * limit.capacity) };
    }),
  );
}

function stepsOn(met: readonly Limit[]): fc.Arbitrary<Step> {
  const kinds = fc.constantFrom("consume", "consume", "consume", "consume", "peek", "charge");
  return fc.oneof(
    { weight: 9, arbitrary: fc.record({ kind: kinds, claims: claimsOn(met) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("refund"), charges: fc.array(fc.nat(), { maxLength: 3 }) }) },
  ) as fc.Arbitrary<Step>;
}

/** One limit by itself is met often enough to see its windows follow each other; several are decided together. */
const several = fc.oneof(fc.tuple(limits), fc.array(limits, { minLength: 2, maxLength: 4 }));

/** Forty ticks of requests that meet the same few limits. A reset comes alone: it is a call of its own. */
export const timelines: fc.Arbitrary<Timeline> = several.chain((met) => {
  const requests = fc.array(stepsOn(met), { minLength: 1, maxLength: 4 });
  const reset = claimsOn(met).map((claims): readonly Step[] => [{ kind: "reset", claims }]);
  const steps = fc.oneof({ weight: 12, arbitrary: requests }, { weight: 1, arbitrary: reset });
  return fc.record({
    start: fc.integer({ min: 1_700_000_000_000, max: 1_702_000_000_000 }),
    ticks: fc.array(fc.record({ gapMs: gapsOf(met), steps }), { minLength: 40, maxLength: 40 }),
  });
});

/** The same with a clock that is never set back. */
export function forwards({ start, ticks }: Timeline): Timeline {
  return { start, ticks: ticks.map(({ gapMs, steps }) => ({ gapMs: Math.abs(gapMs), steps })) };
}

/** The same with one request a tick, the others of a tick at the same instant after it. */
export function oneByOne({ start, ticks }: Timeline): Timeline {
  return {
    start,
    ticks: ticks.flatMap(({ gapMs, steps }) => steps.map((step, i) => ({ gapMs: i === 0 ? gapMs : 0, steps: [step] }))),
  };
}

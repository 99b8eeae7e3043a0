import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Skew } from "../../src/reading/skew.ts";

const NOW = 1_800_000_000_123;
const AT = { sentAt: NOW };

function dated(serverNow: number): Headers {
  return new Headers({ date: new Date(serverNow).toUTCString() });
}

/** Answers of a server whose clock is so far ahead: when each was asked for, written, and there. */
const answers = fc.array(fc.record({ afterMs: fc.nat(3_000), thereMs: fc.nat(300), backMs: fc.nat(300) }), {
  minLength: 1,
  maxLength: 50,
});

/** Plays answers, and tells of each what was thought and what was so. */
function play(skewMs: number, plan: { afterMs: number; thereMs: number; backMs: number }[], isCautious: boolean) {
  const skew = new Skew();
  let clock = NOW;
  return plan.map(({ afterMs, thereMs, backMs }) => {
    const sentAt = clock + afterMs;
    clock = sentAt + thereMs + backMs;
    const thought = skew.serverNow(dated(sentAt + thereMs + skewMs), { sentAt }, clock, isCautious);
    return { thought, real: clock + skewMs };
  });
}

test("whatever the clocks, who is cautious is never ahead of the server, and no further behind than a second and the way back", () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000, max: 10_000 }), answers, (skewMs, plan) => {
      for (const { thought, real } of play(skewMs, plan, true)) {
        expect(thought).toBeLessThanOrEqual(real);
        expect(thought).toBeGreaterThan(real - 1_300);
      }
    }),
  );
});

test("clocks that agree are found to, from the first answer on", () => {
  fc.assert(
    fc.property(answers, (plan) => {
      for (const { thought, real } of play(0, plan, false)) expect(thought).toBe(real);
    }),
  );
});

test("a clock that is half a second behind is found to be, to a few ms, after some answers", () => {
  const plan = Array.from({ length: 40 }, (_, i) => ({ afterMs: (i * 337) % 1_000, thereMs: 5, backMs: 5 }));
  const { thought, real } = play(-500, plan, false).at(-1) as { thought: number; real: number };
  expect(real - thought).toBeGreaterThanOrEqual(0);
  expect(real - thought).toBeLessThan(50);
});

describe("what is known is over", () => {
  test("when the server's clock is set back", () => {
    const skew = new Skew();
    skew.serverNow(dated(NOW + 60_000), AT, NOW, true);
    expect(skew.serverNow(dated(NOW), AT, NOW, true)).toBeLessThanOrEqual(NOW);
  });

  test("when this machine has slept, and its clock stood still", () => {
    const skew = new Skew();
    skew.serverNow(dated(NOW), AT, NOW, true);
    expect(skew.serverNow(dated(NOW + 3_600_000), AT, NOW, false)).toBeGreaterThan(NOW + 3_598_000);
  });
});

test("without a Date it is what this machine was last set to", () => {
  const skew = new Skew({ wallNow: () => NOW + 3_600_000 });
  expect(skew.serverNow(new Headers(), AT, NOW, true)).toBe(NOW + 3_600_000);
});

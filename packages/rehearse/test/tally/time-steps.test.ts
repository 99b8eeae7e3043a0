import fc from "fast-check";
import { expect, test } from "vitest";
import { TimeSteps } from "../../src/tally/time-steps.ts";

const START = Date.UTC(2030, 0, 1);

test("steps over time lose no request, have no gaps, and are never more than 400", () => {
  const gap = fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: 3_600_000 }), fc.nat({ max: 40 * 86_400_000 }));
  const request = fc.record({ gap, isAllowed: fc.boolean(), isShadowRefused: fc.boolean() });
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 200 }), (requests) => {
      const steps = new TimeSteps();
      const times: number[] = [];
      let now = START;
      for (const { gap, isAllowed, isShadowRefused } of requests) {
        now += gap;
        times.push(now);
        steps.note(now, isAllowed, isShadowRefused);
      }
      const timeline = steps.timeline();
      expect(timeline.steps.length).toBeLessThanOrEqual(400);
      timeline.steps.forEach(({ from, admitted, refused, shadowRefused }, i) => {
        expect(from).toBe((timeline.steps[0]?.from ?? 0) + i * timeline.stepMs);
        const within = requests.filter((_, at) => {
          const time = times[at] as number;
          return time >= from && time < from + timeline.stepMs;
        });
        expect(admitted).toBe(within.filter(({ isAllowed }) => isAllowed).length);
        expect(refused).toBe(within.filter(({ isAllowed }) => !isAllowed).length);
        expect(shadowRefused).toBe(within.filter((each) => each.isShadowRefused).length);
      });
      expect(timeline.steps.reduce((sum, { admitted, refused }) => sum + admitted + refused, 0)).toBe(requests.length);
    }),
  );
});

test("a short log has steps of a second", () => {
  const steps = new TimeSteps();
  for (let i = 0; i < 400; i++) steps.note(START + i * 1000, true, false);
  expect(steps.timeline().stepMs).toBe(1000);
  steps.note(START + 400_000, true, false);
  expect(steps.timeline()).toMatchObject({ stepMs: 5000, steps: { length: 81 } });
});

import { describe, expect, test } from "vitest";
import { type Pace, Pacer } from "../../src/pacing/pacer.ts";
import type { KnownLimit, Reading } from "../../src/reading/reading.ts";

const T = 1_800_000_000_000;
const ROUND_TRIP_MS = 20;

/** An API with one limit whose answers the test writes itself. */
class Timeline {
  readonly pacer: Pacer;
  now = T;

  constructor(pace: Pace) {
    this.pacer = new Pacer(pace);
  }

  /** Sends a call as soon as it may go, and says how many ms after T. */
  send(): number {
    for (let at = this.pacer.nextAt(this.now); at > this.now; at = this.pacer.nextAt(this.now)) this.now = at;
    this.pacer.sent(this.now);
    return this.now - T;
  }

  /** Answers a call sent at so many ms after T, at once or later. */
  answer(sentMs: number, status: number, reading: Partial<Reading> = {}, at: number = sentMs + ROUND_TRIP_MS): void {
    this.now = Math.max(this.now, T + at);
    this.pacer.answered(T + sentMs, { status, reading: { limits: [], ...reading } }, this.now);
  }

  /** Sends calls one after the other, answered 200 with what remains of the quota; when each was sent. */
  run(calls: number, { quota, windowMs }: { quota: number; windowMs: number }): number[] {
    let endsMs = 0;
    let remaining = 0;
    return Array.from({ length: calls }, () => {
      const sentMs = this.send();
      if (sentMs >= endsMs) [endsMs, remaining] = [sentMs + windowMs, quota];
      remaining--;
      expect(remaining).toBeGreaterThanOrEqual(0);
      this.answer(sentMs, 200, limits({ quota, windowMs, remaining, resetAt: T + endsMs }));
      return sentMs;
    });
  }
}

function limits(...known: (Partial<KnownLimit> & { remaining: number })[]): { limits: KnownLimit[] } {
  return { limits: known.map((limit) => ({ name: "default", ...limit })) };
}

describe("before anything is known", () => {
  test("one call goes, and others when it is answered", () => {
    const api = new Timeline("smooth");
    expect(api.send()).toBe(0);
    expect(api.pacer.nextAt(T + 10)).toBe(T + 500);
    api.answer(0, 200, limits({ quota: 100, windowMs: 60_000, remaining: 99, resetAt: T + 60_000 }));
    expect([api.send(), api.send(), api.send()]).toEqual([20, 20, 20]);
  });

  test("a call that is not answered holds up the others for half a second each", () => {
    const api = new Timeline("smooth");
    expect([api.send(), api.send(), api.send()]).toEqual([0, 500, 1_000]);
  });

  test("an API that tells of no limits is opened up twice as far with each answer", () => {
    const api = new Timeline("smooth");
    const first = api.send();
    api.answer(first, 200);
    expect([api.send(), api.send(), api.send()]).toEqual([20, 20, 520]);
  });
});

describe("smooth", () => {
  test("a tenth goes at once, the rest evenly over the window, and then the next window begins", () => {
    const sent = new Timeline("smooth").run(24, { quota: 10, windowMs: 10_000 });
    const gaps = sent.map((at, i) => at - (sent[i - 1] ?? 0)).slice(2, 10);
    for (const gap of gaps) expect(gap).toBeCloseTo(1_000, -2);
    expect(sent[9]).toBeLessThan(10_000);
    expect(sent[10]).toBe(10_000);
    expect(sent[20]).toBe(20_000);
  });

  test("nobody waits while less of the quota is used than of the window has passed", () => {
    const api = new Timeline("smooth");
    api.run(1, { quota: 10, windowMs: 10_000 });
    api.now = T + 5_000;
    expect([1, 2, 3, 4, 5].map(() => api.send())).toEqual(Array(5).fill(5_000));
    expect(api.send()).toBeGreaterThan(5_500);
  });

  test("the last tenth is spread even if it is late", () => {
    const api = new Timeline("smooth");
    const first = api.send();
    api.answer(first, 200, limits({ quota: 100, windowMs: 10_000, remaining: 5, resetAt: T + 420 }));
    expect(api.send()).toBe(87);
    expect(api.send()).toBe(154);
  });

  test("of several limits the one that allows least counts", () => {
    const api = new Timeline("smooth");
    const second = { name: "second", quota: 10, windowMs: 1_000, remaining: 9, resetAt: T + 1_000 };
    const day = { name: "day", quota: 1_000, windowMs: 86_400_000, remaining: 0, resetAt: T + 4_000 };
    api.answer(api.send(), 200, limits(second, day));
    expect(api.send()).toBe(4_000);
  });

  test("a quota that changes is another limit, and the old one counts until its window is over", () => {
    const api = new Timeline("smooth");
    api.answer(api.send(), 200, limits({ quota: 10, windowMs: 10_000, remaining: 0, resetAt: T + 2_000 }));
    const next = api.send();
    expect(next).toBe(2_000);
    api.answer(next, 200, limits({ quota: 100, windowMs: 10_000, remaining: 99, resetAt: T + 12_000 }));
    expect(api.pacer.limits(api.now)).toMatchObject([{ quota: 100, remaining: 99 }]);
  });

  test("a window that slides is used at the rate at which it comes back", () => {
    const api = new Timeline("smooth");
    api.answer(api.send(), 200, limits({ quota: 10, windowMs: 10_000, remaining: 2, resetAt: T + 16_000 }));
    expect([api.send(), api.send(), api.send()]).toEqual([1_000, 2_000, 4_000]);
  });
});

describe("a window longer than a minute", () => {
  const [quota, windowMs] = [1_000, 86_400_000];
  const halfUsed = limits({ quota, windowMs, remaining: 500, resetAt: T + windowMs });

  test("keeps nobody for longer than that while something is left, however many wait", () => {
    const api = new Timeline("smooth");
    api.answer(api.send(), 200, halfUsed);
    expect(api.pacer.nextAt(T + 20, 1)).toBe(T + 60_020);
    const sent = Array.from({ length: 50 }, (_, gone) => {
      for (let at = 0; at !== api.now; api.now = at) at = api.pacer.nextAt(api.now, 50 - gone);
      return api.send();
    });
    expect(sent.slice(0, 2)).toEqual([1_220, 2_420]);
    expect(sent.at(-1)).toBe(60_020);
  });

  test("even if it slides", () => {
    const api = new Timeline("smooth");
    const sliding = { quota, windowMs, remaining: 500, resetAt: T + 2 * windowMs };
    api.answer(api.send(), 200, limits(sliding));
    expect(api.pacer.nextAt(T + 20, 1)).toBe(T + 60_000);
  });

  test("that is longer than a day is looked at each day, and told as it is", () => {
    const api = new Timeline("smooth");
    const month = { quota, windowMs: 30 * windowMs, remaining: 0, resetAt: T + 20 * windowMs };
    api.answer(api.send(), 200, limits(month));
    expect(api.pacer.limits(T + 2 * windowMs)).toEqual([{ name: "default", ...month }]);
    expect(api.send()).toBe(windowMs + 20);
  });
});

describe("burst", () => {
  test("all that is left goes at once, less what is in flight, and the rest when the window is over", () => {
    const api = new Timeline("burst");
    api.answer(api.send(), 200, limits({ quota: 5, windowMs: 10_000, remaining: 4, resetAt: T + 10_000 }));
    expect([1, 2, 3, 4].map(() => api.send())).toEqual([20, 20, 20, 20]);
    expect(api.pacer.nextAt(api.now)).toBe(T + 10_000);
  });

  test("a call that came back without an answer may have been counted", () => {
    const api = new Timeline("burst");
    api.answer(api.send(), 200, limits({ quota: 3, windowMs: 10_000, remaining: 2, resetAt: T + 10_000 }));
    const lost = api.send();
    api.pacer.answered(T + lost, undefined, api.now);
    expect([api.send(), api.send()]).toEqual([20, 10_000]);
  });

  test("the next window begins with a single call, whose answer opens it", () => {
    const api = new Timeline("burst");
    api.answer(api.send(), 200, limits({ quota: 5, windowMs: 10_000, remaining: 0, resetAt: T + 10_000 }));
    const probe = api.send();
    expect([probe, api.pacer.nextAt(api.now)]).toEqual([10_000, T + 10_500]);
    api.answer(probe, 200, limits({ quota: 5, windowMs: 10_000, remaining: 4, resetAt: T + 20_000 }));
    expect([api.send(), api.send()]).toEqual([10_020, 10_020]);
  });
});

describe("told to wait", () => {
  test.each(["smooth", "burst", false] as const)("everybody does (%s)", (pace) => {
    const api = new Timeline(pace);
    api.answer(api.send(), 429, { retryAfterMs: 2_000 });
    expect(api.send()).toBe(2_020);
  });

  test("one call goes first then, and its answer lets the others go", () => {
    const api = new Timeline("smooth");
    api.answer(api.send(), 429, { retryAfterMs: 2_000 });
    const probe = api.send();
    expect(api.pacer.nextAt(api.now)).toBe(T + probe + 500);
    api.answer(probe, 200, limits({ quota: 100, windowMs: 60_000, remaining: 99, resetAt: T + 62_000 }));
    expect([api.send(), api.send()]).toEqual([2_040, 2_040]);
  });

  test("a shorter wait that is told later does not shorten the longer one", () => {
    const api = new Timeline("burst");
    const [first, second] = [api.send(), api.send()];
    api.answer(first, 429, { retryAfterMs: 9_000 }, 600);
    api.answer(second, 429, { retryAfterMs: 1_000 }, 700);
    expect(api.send()).toBe(9_600);
  });

  test("where no wait is told it is a second, and twice as long each time, and up to a quarter more, but refusals in flight together are one", () => {
    const api = new Timeline("smooth");
    const [first, second] = [api.send(), api.send()];
    api.answer(first, 429, {}, 600);
    api.answer(second, 429, {}, 650);
    const third = api.send() - 600;
    expect(third).toBeGreaterThanOrEqual(1_000);
    expect(third).toBeLessThan(1_250);
    api.answer(600 + third, 429);
    const fourth = api.send() - (600 + third + ROUND_TRIP_MS);
    expect(fourth).toBeGreaterThanOrEqual(2_000);
    expect(fourth).toBeLessThan(2_500);
  });

  test("what went well between two refusals may go at once after the second, and more one by one", () => {
    const api = new Timeline("burst");
    for (let i = 0; i < 6; i++) api.answer(api.send(), 200);
    api.answer(api.send(), 429, { retryAfterMs: 1_000 });
    for (let i = 0; i < 3; i++) api.answer(api.send(), 200);
    const start = api.now - T;
    expect([1, 2, 3].map(() => api.send())).toEqual([start, start, start]);
    expect(api.send()).toBe(start + 500);
  });

  test.each([9_999_999_999_000, Number.MAX_SAFE_INTEGER])(
    "a wait of %d ms, which nobody means, is tried again after five minutes",
    (retryAfterMs) => {
      const api = new Timeline("smooth");
      api.answer(api.send(), 429, { retryAfterMs });
      expect(api.send()).toBe(300_020);
    },
  );
});

describe("nonsense", () => {
  test.each<[string, Partial<KnownLimit> & { remaining: number }]>([
    ["a quota of nothing", { quota: 0, remaining: 0, resetAt: T + 1_000 }],
    ["less than nothing left, and an end in the past", { quota: 10, remaining: -7, resetAt: T - 5_000 }],
    ["more left than the quota", { quota: 5, remaining: 50, resetAt: T + 1_000 }],
    ["an end in another century", { quota: 5, remaining: 0, resetAt: T + 1e14 }],
    ["a window of a millisecond", { quota: 5, remaining: 0, windowMs: 1 }],
    ["a window that slides, with a quota of nothing", { quota: 0, remaining: 5, windowMs: 1_000, resetAt: T + 90_000 }],
  ])("%s: no call is held up for ever, and calls that are refused do not go on and on", (_, limit) => {
    const api = new Timeline("smooth");
    for (let i = 0; i < 20; i++) api.answer(api.send(), 429, limits(limit));
    expect(api.now - T).toBeGreaterThan(60_000);
    expect(api.now - T).toBeLessThan(21 * 86_400_000);
  });

  test("an API that invents a limit with each answer is remembered for sixteen of them", () => {
    const api = new Timeline("smooth");
    for (let i = 0; i < 100; i++) {
      api.answer(api.send(), 200, limits({ name: `limit ${i}`, quota: 10, remaining: 9, resetAt: T + 1e6 }));
    }
    expect(api.pacer.limits(api.now).length).toBeLessThanOrEqual(16);
  });
});

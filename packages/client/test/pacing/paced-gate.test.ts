import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GateCall, Pass } from "../../src/pacing/gate.ts";
import { PacedGate } from "../../src/pacing/paced-gate.ts";
import type { Pace } from "../../src/pacing/pacer.ts";
import type { Reading } from "../../src/reading/reading.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.ts";
import { WaitTooLongError } from "../../src/waiting/wait-too-long.ts";

const T = 1_800_000_000_000;

/** A gate on a virtual clock, with the calls that the test sends through it. */
class Bench {
  readonly clock: VirtualClock = virtualClock(T);
  readonly gate: PacedGate;
  /** The calls that went, in order. */
  readonly went: string[] = [];
  #order = 0;

  constructor(pace: Pace = "burst", concurrency = 64) {
    this.gate = new PacedGate("api", { pace, concurrency, clock: this.clock });
  }

  call(change: Partial<GateCall> = {}): GateCall {
    const order = this.#order++;
    return { priority: 0, order, notBefore: 0, latest: Number.POSITIVE_INFINITY, signal: undefined, ...change };
  }

  /** Sends a call, notes under its name when it goes, and answers it after a while. */
  async send(
    name: string,
    change: Partial<GateCall> = {},
    answer: Partial<Reading> & { status?: number } = {},
  ): Promise<Pass> {
    const pass = await this.gate.enter(this.call(change));
    this.went.push(name);
    await this.clock.sleep(10);
    const { status = 200, ...reading } = answer;
    pass.leave({ status, reading: { limits: [], ...reading } });
    return pass;
  }

  /** Teaches it that so many are left until so many ms after T. */
  async learn(remaining: number, resetMs: number, quota = 100): Promise<void> {
    const limit = { name: "default", quota, windowMs: 10_000, remaining, resetAt: T + resetMs };
    await this.clock.until(this.send("first", {}, { limits: [limit] }));
    this.went.length = 0;
  }
}

describe("a call that nothing speaks against", () => {
  test("goes at once, without a promise", async () => {
    const bench = new Bench();
    await bench.learn(50, 10_000);
    const pass = bench.gate.enter(bench.call()) as Pass;
    expect(pass).toMatchObject({ waitedMs: 0, reason: undefined });
    expect(bench.clock.sleepers()).toBe(0);
  });

  test("whose answer is told twice is counted once", async () => {
    const bench = new Bench("burst", 1);
    await bench.learn(50, 10_000);
    const pass = bench.gate.enter(bench.call()) as Pass;
    pass.leave();
    pass.leave();
    expect(bench.gate.enter(bench.call())).not.toBeInstanceOf(Promise);
    expect(bench.gate.enter(bench.call())).toBeInstanceOf(Promise);
  });
});

describe("calls that wait", () => {
  test("go by priority, then in order, and one that is tried again keeps its place", async () => {
    const bench = new Bench("burst", 1);
    const calls = ["a", "b", "c", "d"].map((name, i) => bench.send(name, { priority: i === 2 ? 1 : 0 }));
    calls.push(bench.send("again", { order: 0 }));
    await bench.clock.until(Promise.all(calls));
    expect(bench.went).toEqual(["a", "c", "again", "b", "d"]);
  });

  test("say how long they were kept, and why: since enough are in flight", async () => {
    const bench = new Bench("burst", 1);
    await bench.learn(50, 10_000);
    const [, second] = await bench.clock.until(Promise.all([bench.send("a"), bench.send("b")]));
    expect(second).toMatchObject({ reason: "busy", waitedMs: 10 });
  });

  test("or since the limit would be met", async () => {
    const bench = new Bench();
    await bench.learn(0, 5_000);
    expect(await bench.clock.until(bench.send("a"))).toMatchObject({ reason: "paced", waitedMs: 4_990 });
  });

  test("or since the API told to wait", async () => {
    const bench = new Bench();
    await bench.clock.until(bench.send("a", {}, { status: 429, retryAfterMs: 3_000 }));
    expect(await bench.clock.until(bench.send("b"))).toMatchObject({ reason: "held", waitedMs: 3_000 });
  });

  test("do not count the time before they may go at all", async () => {
    const bench = new Bench();
    await bench.learn(50, 10_000);
    const pass = await bench.clock.until(bench.send("later", { notBefore: T + 700 }));
    expect(pass).toMatchObject({ waitedMs: 0, reason: undefined });
    expect(bench.clock.now()).toBe(T + 710);
  });

  test("do not hold up others while they may not go yet", async () => {
    const bench = new Bench("burst", 1);
    await bench.learn(50, 10_000);
    const calls = [bench.send("a"), bench.send("later", { order: 0, notBefore: T + 5_000 }), bench.send("b")];
    await bench.clock.until(Promise.all(calls));
    expect(bench.went).toEqual(["a", "b", "later"]);
  });

  test("sleep by a timer each, which nobody else needs to touch, and by none when they are gone", async () => {
    const bench = new Bench();
    await bench.learn(0, 10_000);
    const leaving = new AbortController();
    const calls = Array.from({ length: 100 }, () => bench.send("call", { signal: leaving.signal }));
    await bench.clock.advance(1_000);
    expect(bench.clock.sleepers()).toBe(100);
    leaving.abort();
    await expect(Promise.allSettled(calls)).resolves.toHaveLength(100);
    expect(bench.clock.sleepers()).toBe(0);
    expect(bench.gate.isIdle).toBe(true);
  });
});

describe("a call that is given up", () => {
  test("rejects in that moment, with the reason, and leaves its place to others", async () => {
    const bench = new Bench("burst", 1);
    const leaving = new AbortController();
    const first = bench.send("a");
    const second = bench.send("b", { signal: leaving.signal });
    const third = bench.send("c");
    leaving.abort("changed my mind");
    await expect(second).rejects.toBe("changed my mind");
    expect(bench.clock.now()).toBe(T);
    await bench.clock.until(Promise.all([first, third]));
    expect(bench.went).toEqual(["a", "c"]);
  });

  test("before it came does not enter", async () => {
    const bench = new Bench();
    await expect(bench.gate.enter(bench.call({ signal: AbortSignal.abort("no") }))).rejects.toBe("no");
    expect(bench.gate.isIdle).toBe(true);
  });

  test("after it went disturbs nobody", async () => {
    const bench = new Bench("burst", 1);
    const leaving = new AbortController();
    const calls = [bench.send("a"), bench.send("b", { signal: leaving.signal }), bench.send("c")];
    await bench.clock.advance(15);
    leaving.abort();
    await bench.clock.until(Promise.all(calls));
    expect(bench.went).toEqual(["a", "b", "c"]);
  });
});

describe("patience", () => {
  test("that is shorter than the wait ends at once, and tells the wait", async () => {
    const bench = new Bench();
    await bench.learn(0, 10_000);
    const refused = await bench.send("a", { latest: T + 9_000 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WaitTooLongError);
    expect(refused).toMatchObject({ waitMs: 9_990, response: undefined });
    expect(bench.clock.now()).toBe(T + 10);
    expect(bench.clock.sleepers()).toBe(0);
  });

  test("counts those that go before: who would have to wait for the window after next is told so", async () => {
    const bench = new Bench();
    await bench.learn(0, 10_000, 2);
    const calls = Array.from({ length: 7 }, () => bench.send("call", { latest: T + 25_000 }).catch((error) => error));
    const settled = await bench.clock.until(Promise.all(calls));
    expect(settled.filter((one) => one instanceof WaitTooLongError)).toHaveLength(3);
    expect(settled[6]).toMatchObject({ waitMs: 29_990 });
  });

  test("that a new wait outlasts ends when that is told", async () => {
    const bench = new Bench("burst", 1);
    const first = bench.send("a", {}, { status: 429, retryAfterMs: 60_000 });
    const second = bench.send("b", { latest: T + 30_000 }).catch((error: unknown) => error);
    await bench.clock.until(first);
    expect(await second).toMatchObject({ code: "HG_WAIT_TOO_LONG", waitMs: 60_000 });
    expect(bench.clock.now()).toBe(T + 10);
  });

  test("that is over while others are in flight ends then", async () => {
    const bench = new Bench("burst", 1);
    bench.gate.enter(bench.call());
    const waiting = bench.send("b", { latest: T + 1_000 });
    await expect(bench.clock.until(waiting)).rejects.toBeInstanceOf(WaitTooLongError);
    expect(bench.clock.now()).toBe(T + 1_000);
  });
});

test("no call waits while some of the quota is left, less what is in flight", async () => {
  const numbers = fc.record({ remaining: fc.integer({ min: 1, max: 60 }), more: fc.nat(30) });
  await fc.assert(
    fc.asyncProperty(numbers, async ({ remaining, more }) => {
      const bench = new Bench("burst", 1_000);
      await bench.learn(remaining, 10_000);
      const entered = Array.from({ length: remaining + more }, () => bench.gate.enter(bench.call()));
      expect(entered.filter((pass) => pass instanceof Promise)).toHaveLength(more);
    }),
  );
});

test("whatever calls come, each ends, in the order of its priority, and no window has more than its quota", async () => {
  const calls = fc.record({
    after: fc.nat(3_000),
    priority: fc.nat(2),
    takes: fc.nat(400),
    leaves: fc.option(fc.nat(5_000), { nil: undefined }),
  });
  const settings = fc.record({
    pace: fc.constantFrom("smooth" as const, "burst" as const),
    quota: fc.integer({ min: 1, max: 12 }),
    windowMs: fc.integer({ min: 500, max: 4_000 }),
    concurrency: fc.integer({ min: 1, max: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(settings, fc.array(calls, { maxLength: 40 }), async (server, plan) => {
      const clock = virtualClock(T);
      const gate = new PacedGate("api", { ...server, clock });
      const waiting = new Map<number, number>();
      const broken: string[] = [];
      let windowEnd = 0;
      let used = 0;
      const send = async (pass: Pass, takesMs: number): Promise<void> => {
        await clock.sleep(takesMs / 2);
        // Counted half way, as a server does whose windows begin with a call.
        if (clock.now() >= windowEnd) [windowEnd, used] = [clock.now() + server.windowMs, 0];
        // An end that is a whole second by chance is taken for a rounded one, and the length of the window guessed from it.
        if (windowEnd % 1_000 === 0) windowEnd++;
        if (++used > server.quota) broken.push(`${used} calls in a window`);
        const limit = { name: "default", quota: server.quota, remaining: server.quota - used, resetAt: windowEnd };
        await clock.sleep(takesMs / 2);
        pass.leave({ status: 200, reading: { limits: [limit] } });
      };
      const one = async (order: number, { after, priority, takes, leaves }: (typeof plan)[number]): Promise<void> => {
        await clock.sleep(after);
        const leaving = new AbortController();
        if (leaves !== undefined) void clock.sleep(leaves).then(() => leaving.abort());
        const entered = gate.enter({ priority, order, notBefore: 0, latest: T + 1e9, signal: leaving.signal });
        waiting.set(order, priority);
        try {
          const pass = await entered;
          waiting.delete(order);
          for (const [other, others] of waiting) {
            if (others > priority || (others === priority && other < order)) broken.push(`${order} before ${other}`);
          }
          await send(pass, takes);
        } catch {
          waiting.delete(order);
          if (!leaving.signal.aborted) broken.push(`${order} was refused`);
        }
      };
      await clock.until(Promise.all(plan.map((call, order) => one(order, call))));
      expect(broken).toEqual([]);
      expect(gate.isIdle).toBe(true);
    }),
    { numRuns: 60 },
  );
});

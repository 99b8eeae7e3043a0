import { expect, test } from "vitest";
import type { Gate, Pass } from "../../src/pacing/gate.ts";
import { Gates } from "../../src/pacing/gates.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";

const CALL = { priority: 0, order: 0, notBefore: 0, latest: Number.POSITIVE_INFINITY, signal: undefined };

function gates(): Gates {
  return new Gates({ pace: "smooth", concurrency: 64, clock: virtualClock() });
}

function teach(gate: Gate, remaining: number): void {
  const pass = gate.enter(CALL) as Pass;
  pass.leave({ status: 200, reading: { limits: [{ name: "default", quota: 10, windowMs: 1_000, remaining }] } });
}

test("calls with the same key share a gate, and others do not", () => {
  const all = gates();
  expect(all.gate("a")).toBe(all.gate("a"));
  expect(all.gate("a")).not.toBe(all.gate("b"));
});

test("what is known is told by key", () => {
  const all = gates();
  teach(all.gate("a"), 7);
  all.gate("b");
  const known = all.limits();
  expect(known.get("a")).toMatchObject([{ name: "default", quota: 10, remaining: 7 }]);
  expect(known.get("b")).toEqual([]);
});

test("a thousand gates are kept: those used last, and those in use", () => {
  const all = gates();
  const busy = all.gate("busy");
  busy.enter(CALL);
  const idle = all.gate("idle");
  const recent = all.gate("recent");
  for (let i = 0; i < 998; i++) {
    all.gate(`other ${i}`);
    all.gate("recent");
  }
  expect(all.limits().size).toBe(1_000);
  expect(all.gate("busy")).toBe(busy);
  expect(all.gate("recent")).toBe(recent);
  expect(all.gate("idle")).not.toBe(idle);
});

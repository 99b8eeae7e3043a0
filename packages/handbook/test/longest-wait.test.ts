import { MemoryStore, type Verdict } from "@headgate/core";
import type { PolicyLimit } from "@headgate/policy";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { longestWaitMs } from "../src/longest-wait.ts";
import { policyOf } from "./policy-of.ts";

/** Late in the longest day of a zone with summer time. */
const START = Date.UTC(2026, 9, 25, 21);

const timeline = fc.array(
  fc.record({ afterMs: fc.oneof(fc.constant(0), fc.nat(3_600_000)), cost: fc.integer({ min: 1, max: 20 }) }),
  { minLength: 1, maxLength: 40 },
);

test.each([
  "window: 10m",
  "window: 10m, align: clock",
  "window: day, timezone: Europe/Berlin",
  "window: month",
  "window: 10m, count-rejected: true",
  "window: 10m, algorithm: sliding-window",
  "window: 10m, algorithm: sliding-window, count-rejected: true",
  "window: 10m, algorithm: sliding-window, cost: bytes",
  "window: 10m, algorithm: token-bucket",
  "window: 10m, algorithm: token-bucket, burst: 40, cost: bytes",
  "algorithm: concurrency, hold: 10m",
])("nobody is told to wait longer than a limit can have its callers wait: %s", (fields) => {
  const [policyLimit] = policyOf(`limits: [{ name: a, per: ip, quota: 7, ${fields} }]`).limits as [PolicyLimit];
  const { limit, cost } = policyLimit;
  const longest = longestWaitMs(policyLimit);
  fc.assert(
    fc.property(timeline, (requests) => {
      const store = new MemoryStore({ maxPartitions: 8, maxHolders: 64 });
      let now = START;
      for (const { afterMs, cost: bytes } of requests) {
        now += afterMs;
        const units = cost.kind === "bytes" ? bytes : 1;
        const [{ retryAfterMs }] = store.consume([{ limit, partition: "x", cost: units }], now) as [Verdict];
        if (retryAfterMs !== Number.POSITIVE_INFINITY) expect(retryAfterMs).toBeLessThanOrEqual(longest);
      }
    }),
  );
});

test("the smallest plan is what a bucket has its callers wait for", () => {
  const { limits } = policyOf(
    "credentials: managed\ncallers: { api-key: { bearer: true } }\nlimits: [{ name: a, per: api-key, quota: 60, window: 1m, algorithm: token-bucket, plans: { tiny: { quota: 1 } } }]",
  );
  expect(longestWaitMs(limits[0] as PolicyLimit)).toBe(60_000);
});

import { defineLimit, MemoryStore, toDecision } from "@headgate/core";
import { expect, test } from "vitest";
import { ShadowReport } from "../src/shadow-report.ts";

test("a shadow limit is heard of at once, and then once a minute with how many it would have refused", () => {
  const lines: unknown[] = [];
  const report = new ShadowReport({ info: (event, fields) => lines.push([event, fields]), warn() {}, error() {} });
  const store = new MemoryStore({ maxPartitions: 10 });
  const shadow = defineLimit({ name: "try", quota: 2, windowMs: 3_600_000, mode: "shadow" });
  const enforced = defineLimit({ name: "real", quota: 1, windowMs: 3_600_000 });
  const line = (requests: number): unknown => ["shadow-refusals", { limit: "try", requests }];
  const requestAt = (now: number): void => {
    report.note(toDecision(store.consume([{ limit: shadow, partition: "a", cost: 1 }], now)), now);
    report.note(toDecision(store.consume([{ limit: enforced, partition: "a", cost: 1 }], now)), now);
  };

  requestAt(0);
  requestAt(1);
  expect(lines).toEqual([]);
  requestAt(2);
  expect(lines).toEqual([line(1)]);
  for (let now = 3; now < 10; now++) requestAt(now);
  expect(lines).toHaveLength(1);
  requestAt(60_002);
  expect(lines).toEqual([line(1), line(8)]);
});

import type { Awaitable, Store } from "../../store.ts";
import type { TestRunner } from "../test-runner.ts";
import { testAllOrNothing } from "./all-or-nothing.ts";
import { testConcurrency } from "./concurrency.ts";
import { testCounting } from "./counting.ts";
import { testPartitions } from "./partitions.ts";
import { testRefunds } from "./refunds.ts";

/**
 * The one suite that every store must pass. `makeStore` is called once a test and gives an empty store; closing it is
 * up to whoever made it.
 *
 *     import { describe, expect, test } from "vitest";
 *     storeConformance({ describe, expect, test }, "MemoryStore", () => new MemoryStore());
 */
export function storeConformance(runner: TestRunner, name: string, makeStore: () => Awaitable<Store>): void {
  runner.describe(`${name} keeps the store contract`, () => {
    testCounting(runner, makeStore);
    testAllOrNothing(runner, makeStore);
    testPartitions(runner, makeStore);
    testRefunds(runner, makeStore);
    testConcurrency(runner, makeStore);
  });
}

import { defineLimit } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { type Account, accountsOf } from "./account.ts";
import type { Scenario } from "./simulation.ts";

/** Shares of the demand, which is twice the quota. */
const DEMANDS = {
  "spread evenly": [0.25, 0.25, 0.25, 0.25],
  "97 % of it at one node": [0.97, 0.01, 0.01, 0.01],
  "all of it at one node": [1, 0, 0, 0],
};

type Trouble = Pick<Scenario, "weather" | "crashEveryMs">;

const CALM: Trouble = { weather: { delayMs: [0.1, 1], inOrder: true, lost: 0, duplicated: 0 }, crashEveryMs: 0 };

/**
 * A sliding window of a small quota is never full in any mode. Its last unit is due when it is over, as is shown here of one
 * memory that hears of every request at once; and who comes for the one before does not come at the instant that it is due.
 */
describe("of a sliding window, four nodes asked for twice the quota", () => {
  for (const [name, shares] of Object.entries(DEMANDS)) {
    for (const [quota, windowMs, seeds] of [
      [100, 10_000, 20],
      [1_000, 10_000, 2],
      [100, 1_000, 20],
      [1_000, 1_000, 2],
    ] as const) {
      test(`admit nearly all that one memory would: ${quota} per ${windowMs} ms, ${name}`, async () => {
        const accounts = await accountsOver(seeds, quota, windowMs, shares, CALM);
        expect(Math.max(...accounts.map(({ possible }) => possible))).toBe(quota - 1);
        expect(sumOf(accounts, "leased")).toBeGreaterThanOrEqual(0.99 * sumOf(accounts, "possible"));
        for (const { leased } of accounts) expect(leased).toBeGreaterThanOrEqual(0.95 * (quota - 1));
        expect(sumOf(accounts, "lost")).toBe(0);
      });
    }
  }
});

/** What a message or a node takes with it is back when its window no longer counts, in whatever mode. */
describe("of 100 per 10 s, four nodes asked for twice the quota", () => {
  for (const [name, shares] of Object.entries(DEMANDS)) {
    const accountsIn = (trouble: Trouble): Promise<Account[]> => accountsOver(20, 100, 10_000, shares, trouble);

    test(`admit nearly all that one memory would where messages are slow: ${name}`, async () => {
      const accounts = await accountsIn({ ...CALM, weather: { ...CALM.weather, delayMs: [1, 20] } });
      expect(sumOf(accounts, "leased")).toBeGreaterThanOrEqual(0.99 * sumOf(accounts, "possible"));
    });

    test(`admit nearly all that one memory would where nodes die: ${name}`, async () => {
      const accounts = await accountsIn({ ...CALM, crashEveryMs: 10_000 });
      expect(sumOf(accounts, "leased")).toBeGreaterThanOrEqual(0.99 * sumOf(accounts, "possible"));
    });

    test(`admit nearly all that asking each time would where messages are lost: ${name}`, async () => {
      const accounts = await accountsIn({ ...CALM, weather: { ...CALM.weather, lost: 0.02 } });
      expect(sumOf(accounts, "asked")).toBeLessThan(0.985 * sumOf(accounts, "possible"));
      expect(sumOf(accounts, "leased")).toBeGreaterThanOrEqual(0.99 * sumOf(accounts, "asked"));
    });

    test(`admit nearly all that asking each time would where messages come twice: ${name}`, async () => {
      const accounts = await accountsIn({ ...CALM, weather: { ...CALM.weather, duplicated: 0.1 } });
      expect(sumOf(accounts, "asked")).toBeLessThan(0.95 * sumOf(accounts, "possible"));
      expect(sumOf(accounts, "leased")).toBeGreaterThanOrEqual(0.99 * sumOf(accounts, "asked"));
    });
  }
});

async function accountsOver(
  seeds: number,
  quota: number,
  windowMs: number,
  shares: readonly number[],
  trouble: Trouble,
): Promise<Account[]> {
  const limit = defineLimit({ name: "calls", algorithm: "sliding-window", quota, windowMs });
  const accounts: Account[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const scenario = {
      ...trouble,
      seed,
      limits: [limit] as const,
      demand: shares.map((share) => (share * 2 * quota * 1_000) / windowMs),
      burstMs: 0,
      durationMs: 4.2 * windowMs,
      drift: 0.0002,
      mostCost: 1,
      refunded: 0,
    };
    accounts.push(...(await accountsOf(scenario)));
  }
  return accounts;
}

function sumOf(accounts: readonly Account[], part: keyof Account): number {
  return accounts.reduce((sum, account) => sum + account[part], 0);
}

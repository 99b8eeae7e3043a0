import { readFile } from "node:fs/promises";
import type { Policy } from "@headgate/policy";
import { describe, expect, test } from "vitest";
import { obey } from "../../src/obey.ts";
import { shareThrough } from "../../src/pacing/cell/share-through.ts";
import type { SharedGate } from "../../src/pacing/shared-gate.ts";
import { shareAcrossTabs } from "../../src/pacing/tabs/share-across-tabs.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/virtual-clock.ts";
import { MemoryCell } from "./cell/memory-cell.ts";
import { compiled, seeded, type VirtualApi, virtualApi } from "./virtual-api.ts";

const CALLS = 1_000;
const TASKS = 50;
const QUOTA = 30;
const WINDOW_MS = 10_000;
const IDEAL_MS = { smooth: (CALLS / QUOTA) * WINDOW_MS, burst: (Math.ceil(CALLS / QUOTA) - 1) * WINDOW_MS };

/** `policies/initial-state.yaml`: 30 calls in ten seconds, from the first of them on; the end told in whole seconds. */
async function initialState(): Promise<Policy> {
  const file = new URL("../../../../policies/initial-state.yaml", import.meta.url);
  return compiled(await readFile(file, "utf8"));
}

/** The API at the end of a line that takes 5 to 50 ms each way, and never the same twice. */
function apiOf(policy: Policy, clock: VirtualClock, seed: number): VirtualApi {
  const random = seeded(seed);
  return virtualApi(policy, clock, { latency: () => 5 + Math.floor(random() * 45) });
}

interface Work {
  readonly api: VirtualApi;
  readonly clock: VirtualClock;
  readonly pace: "smooth" | "burst";
  /** What the processes share, one for each. */
  readonly shares: readonly (SharedGate | undefined)[];
}

/** Makes the calls, with the tasks divided among the processes: how many each made, and how long that took. */
async function work({ api, clock, pace, shares }: Work): Promise<{ made: number[]; tookMs: number }> {
  const start = clock.now();
  const made = shares.map(() => 0);
  let left = CALLS;
  const tasks = shares.flatMap((share, i) => {
    const call = obey(api.fetch, { clock, pace, patienceMs: 600_000, deadlineMs: 600_000, ...(share && { share }) });
    return Array.from({ length: TASKS / shares.length }, async () => {
      while (left-- > 0) {
        expect((await call("https://api.example.com/api/events")).status).toBe(200);
        made[i] = (made[i] as number) + 1;
      }
    });
  });
  await clock.until(Promise.all(tasks));
  return { made, tookMs: clock.now() - start };
}

describe.each(["smooth", "burst"] as const)("%s: 1 000 calls from 50 tasks, at 30 in ten seconds", (pace) => {
  test.each([0, 137, 640, 985])("begun %i ms into a second, none is refused and no time is lost", async (offset) => {
    const clock = virtualClock(1_800_000_000_000 + offset);
    const api = apiOf(await initialState(), clock, offset + 1);
    const { made, tookMs } = await work({ api, clock, pace, shares: [undefined] });
    expect(made).toEqual([CALLS]);
    expect(api.refusals()).toBe(0);
    expect(tookMs).toBeLessThan(IDEAL_MS[pace] * 1.02);
  });

  test("two processes that share a cell are refused no more, and wait no longer, and neither waits for the other", async () => {
    const clock = virtualClock(1_800_000_000_640);
    const api = apiOf(await initialState(), clock, 1);
    const share = shareThrough(new MemoryCell(clock));
    const { made, tookMs } = await work({ api, clock, pace, shares: [share, share] });
    expect(api.refusals()).toBeLessThanOrEqual(CALLS / 100);
    expect(tookMs).toBeLessThan(IDEAL_MS[pace] * 1.1);
    expect(Math.min(...made)).toBeGreaterThan(CALLS / 3);
  });

  test("nor do two tabs", async () => {
    const clock = virtualClock(1_800_000_000_640);
    const api = apiOf(await initialState(), clock, 1);
    const share = shareAcrossTabs(`thousand calls, ${pace}`);
    const { made, tookMs } = await work({ api, clock, pace, shares: [share, share] });
    expect(api.refusals()).toBeLessThanOrEqual(CALLS / 100);
    expect(tookMs).toBeLessThan(IDEAL_MS[pace] * 1.1);
    expect(Math.min(...made)).toBeGreaterThan(CALLS / 4);
  });
});

import { expect, test } from "vitest";
import type { SharingNotice } from "../../../src/notice.ts";
import { type ObeyingFetch, obey } from "../../../src/obey.ts";
import { shareThrough } from "../../../src/pacing/cell/share-through.ts";
import { type VirtualClock, virtualClock } from "../../../src/testing/virtual-clock.ts";
import { policyOf, type VirtualApi, virtualApi } from "../virtual-api.ts";
import { MemoryCell } from "./memory-cell.ts";

const API = "https://api.example.com/things";

interface Party {
  readonly clock: VirtualClock;
  readonly api: VirtualApi;
  readonly cell: MemoryCell;
  readonly notices: string[];
  /** Starts a process of its own. */
  join(): ObeyingFetch;
}

function party({ quota = 10, aheadMs = 0 }: { quota?: number; aheadMs?: number } = {}): Party {
  const clock = virtualClock();
  const api = virtualApi(policyOf({ quota, window: "10s" }), clock, { latency: () => 20 });
  const cell = new MemoryCell(clock, aheadMs);
  const share = shareThrough(cell);
  const notices: string[] = [];
  const isOfSharing = (kind: string): kind is SharingNotice["kind"] => kind.endsWith("shared");
  const onNotice = ({ kind, reason }: { kind: string; reason: string }): void => {
    if (isOfSharing(kind)) notices.push(`${kind}: ${reason}`);
  };
  return { clock, api, cell, notices, join: () => obey(api.fetch, { clock, share, onNotice, pace: "burst" }) };
}

function times(count: number, call: ObeyingFetch): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, async () => (await call(API)).status));
}

test.each([0, 400, 3_000, -86_400_000])("a cell whose clock is %i ms ahead serves as well", async (aheadMs) => {
  const { clock, api, join } = party({ aheadMs });
  const statuses = await clock.until(Promise.all([times(15, join()), times(15, join())]));
  expect(statuses.flat()).toEqual(Array(30).fill(200));
  expect(api.refusals()).toBe(0);
});

test("what one process was told holds all of them", async () => {
  const { clock, api, join } = party({ quota: 1 });
  const [first, second] = [join(), join()];
  await clock.until(first(API));
  const start = clock.now();
  await clock.until(second(API));
  expect(clock.now() - start).toBeGreaterThan(9_000);
  expect(api.refusals()).toBe(0);
});

test("a process hears of a wait that another was told, and a call without the patience for it fails at once", async () => {
  const { clock, join } = party({ quota: 1 });
  const [first, second] = [join(), join()];
  await clock.until(first(API));
  const start = clock.now();
  const call = second(API, { obey: { patienceMs: 5_000 } });
  await expect(clock.until(call)).rejects.toMatchObject({ code: "HG_WAIT_TOO_LONG" });
  expect(clock.now() - start).toBeLessThan(100);
});

test("a process that comes later knows what the others know", async () => {
  const { clock, api, join } = party({ quota: 10 });
  await clock.until(times(9, join()));
  await clock.until(times(5, join()));
  expect(api.refusals()).toBe(0);
});

test("what a process had in flight when it died is over after a minute", async () => {
  const { clock, api, cell, join } = party({ quota: 4 });
  const dying = join();
  await clock.until(dying(API));
  // It takes what is left, and is never heard of again.
  void times(3, dying);
  await clock.advance(15);
  const text = cell.texts.get("https://api.example.com") as string;
  await clock.advance(70_000);
  cell.texts.set("https://api.example.com", text);
  expect(await clock.until(times(4, join()))).toEqual([200, 200, 200, 200]);
  expect(api.refusals()).toBe(0);
});

test("where the cell fails each process goes on by what it knows, says so once, and comes back", async () => {
  const { clock, api, cell, notices, join } = party();
  const call = join();
  await clock.until(call(API));
  cell.isDown = true;
  expect(await clock.until(times(20, call))).toEqual(Array(20).fill(200));
  expect(notices).toEqual(["unshared: the line is cut"]);
  cell.isDown = false;
  await clock.advance(6_000);
  await clock.until(times(3, call));
  expect(notices).toEqual(["unshared: the line is cut", "shared: the others can be reached again"]);
  expect(api.refusals()).toBe(0);
});

test("a cell that does not answer is given half a second", async () => {
  const { clock, notices, api } = party();
  const share = shareThrough({ swap: () => new Promise(() => {}) });
  const start = clock.now();
  const onNotice = ({ kind, reason }: { kind: string; reason: string }): void =>
    void notices.push(`${kind}: ${reason}`);
  const call = obey(api.fetch, { clock, share, onNotice });
  await clock.until(call(API));
  expect(clock.now() - start).toBe(500 + 40);
  expect(notices).toContain("unshared: no answer within 500 ms");
});

test.each(["", "null", "[]", "{}", '{"pacer":{"tallies":[{}]},"members":{}}', "\u0000", "x".repeat(100_000)])(
  "a cell that holds %j, which no process has written, is as good as an empty one",
  async (text) => {
    const { clock, cell, join } = party();
    cell.texts.set("https://api.example.com", text);
    expect(await clock.until(times(12, join()))).toEqual(Array(12).fill(200));
  },
);

test("after `close` a process is alone, and its calls go on", async () => {
  const { clock, cell, join } = party();
  const call = join();
  await clock.until(call(API));
  await clock.advance(100);
  call.close();
  const { swaps } = cell;
  await clock.until(times(5, call));
  expect(cell.swaps).toBe(swaps);
});

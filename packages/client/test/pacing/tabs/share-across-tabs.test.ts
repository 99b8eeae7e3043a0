import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { type ObeyingFetch, obey } from "../../../src/obey.ts";
import { shareAcrossTabs } from "../../../src/pacing/tabs/share-across-tabs.ts";
import { virtualClock } from "../../../src/testing/virtual-clock.ts";
import { policyOf, virtualApi } from "../virtual-api.ts";

const API = "https://api.example.com/things";

/** Tabs of one browser, each a client of its own. */
function browser(name: string, quota: number) {
  const clock = virtualClock();
  const api = virtualApi(policyOf({ quota, window: "10s" }), clock, { latency: () => 20 });
  const notices: string[] = [];
  return {
    clock,
    api,
    notices,
    open: (): ObeyingFetch =>
      obey(api.fetch, {
        clock,
        share: shareAcrossTabs(name),
        pace: "burst",
        onNotice: ({ kind, reason }) => notices.push(`${kind}: ${reason}`),
      }),
  };
}

function times(count: number, call: ObeyingFetch): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, async () => (await call(API)).status));
}

test("tabs together send what one might, and each gets its part of it", async () => {
  const { clock, api, open } = browser("part", 10);
  const tabs = [open(), open(), open()];
  await clock.until(Promise.all(tabs.map((tab) => tab(API))));
  const statuses = await clock.until(Promise.all(tabs.map((tab) => times(12, tab))));
  expect(statuses.flat()).toEqual(Array(36).fill(200));
  expect(api.refusals()).toBe(0);
  for (const tab of tabs) tab.close();
});

test("a wait that one tab is told holds all of them", async () => {
  const { clock, api, open } = browser("hold", 1);
  const [first, second] = [open(), open()];
  await clock.until(first(API));
  await clock.until(second(API));
  expect(api.arrivals.map(({ at }) => at - (api.arrivals[0]?.at ?? 0))[1]).toBeGreaterThanOrEqual(10_000);
  first.close();
  second.close();
});

test("a tab that is opened later knows what the others know", async () => {
  const { clock, open } = browser("later", 10);
  const first = open();
  await clock.until(times(9, first));
  const second = open();
  await clock.until(second(API));
  expect(second.limits().values().next().value).toMatchObject([{ quota: 10, remaining: 0 }]);
  first.close();
  second.close();
});

test("a tab that is closed leaves its part to the others", async () => {
  const { clock, api, open } = browser("closed", 10);
  const [first, second] = [open(), open()];
  await clock.until(Promise.all([first(API), second(API)]));
  first.close();
  await clock.until(times(8, second));
  expect(api.arrivals).toHaveLength(10);
  expect((api.arrivals[9]?.at ?? 0) - (api.arrivals[0]?.at ?? 0)).toBeLessThan(1_000);
  second.close();
});

test("after `close` a tab is alone, and its calls go on, to APIs it has not called before as well", async () => {
  const { clock, api, open } = browser("alone", 20);
  const [first, second] = [open(), open()];
  await clock.until(Promise.all([first(API), second(API)]));
  first.close();
  await clock.until(times(4, first));
  await clock.until(first("https://other.example.com/"));
  expect(api.arrivals).toHaveLength(7);
  second.close();
});

test("other names, and other credentials, are other gates", async () => {
  const { clock, open } = browser("one name", 1);
  const first = open();
  await clock.until(first(API));
  const { clock: otherClock, open: openOther } = browser("another name", 1);
  const other = openOther();
  await otherClock.until(other(API));
  const start = clock.now();
  await clock.until(first(API, { headers: { authorization: "Bearer another" }, obey: { patienceMs: 60_000 } }));
  expect(clock.now() - start).toBeGreaterThan(0);
  first.close();
  other.close();
});

test("where there is no BroadcastChannel a client is alone, and says so", async () => {
  vi.stubGlobal("BroadcastChannel", undefined);
  try {
    const { clock, notices, open } = browser("none", 10);
    expect((await clock.until(open()(API))).status).toBe(200);
    expect(notices[0]).toBe("unshared: there is no BroadcastChannel here");
  } finally {
    vi.unstubAllGlobals();
  }
});

test("sharing does not keep a process from ending", () => {
  const client = fileURLToPath(new URL("../../../src/index.ts", import.meta.url));
  const script = `
    import { obey, shareAcrossTabs } from ${JSON.stringify(client)};
    const call = obey(async () => new Response("hello"), { share: shareAcrossTabs() });
    console.log(await (await call("https://api.example.com/")).text());`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect({ stdout, status }).toEqual({ stdout: "hello\n", status: 0 });
});

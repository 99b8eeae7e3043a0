import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { obey, systemClock } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { fine, offline, refusal, scriptedApi } from "./scripted-api.ts";

const URL = "https://api.example.com/things";

describe.each([
  ["that was told", refusal({ "retry-after": "30" })],
  ["after a refusal that said nothing", refusal()],
  ["after a network failure", offline],
])("a wait %s", (_, scene) => {
  test("ends with the signal's reason as soon as that aborts, and leaves nothing behind", async () => {
    const clock = virtualClock();
    const server = scriptedApi(clock, scene);
    const stop = new AbortController();
    const call = obey(server.fetch, { clock })(URL, { signal: stop.signal });
    await clock.advance(500);
    const reason = new Error("changed my mind");
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(server.times).toHaveLength(1);
    expect(clock.sleepers()).toBe(0);
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
  });

  test("of a request ends with the signal of that request", async () => {
    const clock = virtualClock();
    const server = scriptedApi(clock, scene);
    const stop = new AbortController();
    const call = obey(server.fetch, { clock })(new Request(URL, { signal: stop.signal }));
    await clock.advance(500);
    stop.abort(new Error("changed my mind"));
    await expect(call).rejects.toThrow("changed my mind");
    expect(clock.sleepers()).toBe(0);
  });
});

test("a call that has waited leaves nothing behind at its signal", async () => {
  const clock = virtualClock();
  const { signal } = new AbortController();
  let sent = 0;
  const api = obey(async () => new Response(null, { status: sent++ > 0 ? 200 : 429 }), { clock });
  await clock.until(Promise.all([api(URL, { signal }), api(URL, { signal })]));
  expect(sent).toBe(3);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("a wait by the real clock ends in the same breath", async () => {
  const server = scriptedApi(virtualClock(), refusal({ "retry-after": "30" }));
  const stop = new AbortController();
  const call = obey(server.fetch, { clock: systemClock })(URL, { signal: stop.signal });
  const ended = call.catch(() => performance.now());
  await new Promise((resolve) => setTimeout(resolve, 50));
  const abortedAt = performance.now();
  stop.abort();
  // Generous for a machine that is busy; what takes longer waits for a timer.
  expect(((await ended) as number) - abortedAt).toBeLessThan(10);
});

test("whoever thinks about whether a quota is spent does not hold up the end", async () => {
  const clock = virtualClock();
  const server = scriptedApi(clock, refusal({ "retry-after": "1" }));
  const stop = new AbortController();
  const isSpent = (): Promise<boolean> => new Promise(() => {});
  const call = obey(server.fetch, { clock, isSpent })(URL, { signal: stop.signal });
  await clock.advance(500);
  stop.abort(new Error("changed my mind"));
  await expect(call).rejects.toThrow("changed my mind");
  expect(getEventListeners(stop.signal, "abort")).toHaveLength(0);
});

test("a call whose signal has aborted is not sent", async () => {
  const clock = virtualClock();
  const server = scriptedApi(clock, fine);
  await expect(obey(server.fetch, { clock })(URL, { signal: AbortSignal.abort() })).rejects.toThrow("abort");
  expect(server.times).toHaveLength(0);
});

test("what was aborted under way is not sent again", async () => {
  const clock = virtualClock();
  const stop = new AbortController();
  const server = scriptedApi(clock, async () => {
    stop.abort();
    throw stop.signal.reason;
  });
  await expect(obey(server.fetch, { clock })(URL, { signal: stop.signal })).rejects.toBe(stop.signal.reason);
  expect(server.times).toHaveLength(1);
});

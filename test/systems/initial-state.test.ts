import { expect, test } from "vitest";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const key = (name: string): Record<string, string> => ({ "x-is-accesskey": name });

test("I1: 30 calls in ten seconds, all of which may come in one second", async () => {
  const upstream = await startUpstream();
  const { url, clock } = await serveAt(NOON, "initial-state", upstream.url);
  const call = (): Promise<Response> => fetch(`${url}/api/events`, { method: "POST", body: "[]", headers: key("a") });

  expect((await repeat(30, call)).status).toBe(200);
  expect((await call()).status).toBe(429);
  clock.now += 9_999;
  expect((await call()).status).toBe(429);
  clock.now += 1;
  expect((await repeat(30, call)).status).toBe(200);
  expect((await call()).status).toBe(429);
});

test("I2: Limit is constant, Remaining is back to 30 every ten seconds, Reset is epoch seconds in the future", async () => {
  const upstream = await startUpstream();
  const { url, clock } = await serveAt(NOON, "initial-state", upstream.url);
  const call = (): Promise<Response> => fetch(`${url}/api/events`, { headers: key("a") });
  const reset = String((NOON + 10_000) / 1000);

  for (let remaining = 29; remaining >= 0; remaining--) {
    expect(rateLimit(await call())).toEqual({ limit: "30", remaining: String(remaining), reset, retryAfter: null });
  }
  expect(rateLimit(await call())).toMatchObject({ limit: "30", remaining: "0", reset });
  clock.now += 10_000;
  expect(rateLimit(await call())).toMatchObject({
    limit: "30",
    remaining: "29",
    reset: String((NOON + 20_000) / 1000),
  });
});

test("I3: Retry-After comes on a 429 only, and waiting it makes the next request succeed", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("initial-state"), upstream.url);
  const call = (): Promise<Response> => fetch(`${url}/api/events`, { headers: key("a") });

  expect(rateLimit(await repeat(30, call)).retryAfter).toBeNull();
  const refused = await call();
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(10);
  // The one wait on a real clock: what the page promises is about real seconds.
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  expect((await call()).status).toBe(200);
});

test("I4: a payload over 200 KB is refused with 413, and the upstream sees nothing of it", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("initial-state"), upstream.url);
  const post = (bytes: number): Promise<Response> =>
    fetch(`${url}/api/events`, { method: "POST", body: "x".repeat(bytes), headers: key("a") });

  expect((await post(200 * 1024)).status).toBe(200);
  const refused = await post(200 * 1024 + 1);
  expect(refused.status).toBe(413);
  expect(rateLimit(refused)).toMatchObject({ limit: "30", remaining: "29" });
  await expect.poll(() => upstream.received.length).toBe(1);
});

test("I4: a payload of unknown length is refused at the byte that crosses, and never completes upstream", async () => {
  const upstream = await startUpstream((request, response) => {
    request.on("end", () => response.end());
  });
  const { url } = await serve(policyFile("initial-state"), upstream.url);
  const chunk = new Uint8Array(64 * 1024);
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(chunk);
    },
  });
  const init = { method: "POST", body, headers: key("a"), duplex: "half" } as RequestInit;
  const status = await fetch(`${url}/api/events`, init).then((response) => response.status);
  expect(status).toBe(413);
  await expect.poll(() => upstream.received.map(({ complete }) => complete)).toEqual([false]);
});

test("I5: nothing of a refused call reaches the upstream", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("initial-state"), upstream.url);
  const refused = await repeat(31, () => fetch(`${url}/api/events`, { method: "POST", body: "[]", headers: key("a") }));
  expect(refused.status).toBe(429);
  await expect.poll(() => upstream.received.length).toBe(30);
});

test("I9: the access key comes in a header or in the query, and both are one caller", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("initial-state"), upstream.url);
  expect(rateLimit(await fetch(`${url}/api/events`, { headers: key("a") })).remaining).toBe("29");
  expect(rateLimit(await fetch(`${url}/api/events?accessKey=a`)).remaining).toBe("28");
  expect(rateLimit(await fetch(`${url}/api/events?accessKey=b`)).remaining).toBe("29");
});

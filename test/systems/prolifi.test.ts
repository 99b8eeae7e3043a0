import { expect, test } from "vitest";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const bearer = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });
const NOON = Date.UTC(2026, 0, 1, 12);

test("P1: 1000 requests a minute for each API key, keys being independent", async () => {
  const upstream = await startUpstream();
  const { url, clock } = await serveAt(NOON, "prolifi", upstream.url);
  const get = (key: string): Promise<Response> => fetch(`${url}/customers`, bearer(key));

  expect((await repeat(1000, () => get("sk_test_a"))).status).toBe(200);
  expect((await get("sk_test_a")).status).toBe(429);
  expect(rateLimit(await get("sk_test_b"))).toMatchObject({ limit: "1000", remaining: "999" });
  clock.now += 60_000;
  expect((await get("sk_test_a")).status).toBe(200);
});

test("P1: both numbers are defaults that the policy can change", async () => {
  const upstream = await startUpstream();
  const { url } = await serveAt(NOON, "prolifi", upstream.url, (text) =>
    text.replace("quota: 1000\n    window: 1m", "quota: 3\n    window: 10s"),
  );
  const refused = await repeat(4, () => fetch(`${url}/customers`, bearer("sk_test_a")));
  expect(refused.status).toBe(429);
  expect(rateLimit(refused)).toMatchObject({ limit: "3", retryAfter: "10" });
});

test("P2: Limit and Remaining on every response, Retry-After on a 429, no Reset", async () => {
  const upstream = await startUpstream((request, response) => {
    response.writeHead(request.url === "/missing" ? 404 : 200).end("{}");
  });
  const { url } = await serve(policyFile("prolifi"), upstream.url);
  const get = (path: string): Promise<Response> => fetch(url + path, bearer("sk_live_a"));

  expect(rateLimit(await get("/customers"))).toEqual({
    limit: "1000",
    remaining: "999",
    reset: null,
    retryAfter: null,
  });
  expect(rateLimit(await get("/missing"))).toEqual({ limit: "1000", remaining: "998", reset: null, retryAfter: null });
  const refused = rateLimit(await repeat(999, () => get("/customers")));
  expect(refused).toMatchObject({ limit: "1000", remaining: "0", reset: null });
  expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
});

test("P3: a refusal has the documented body", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("prolifi"), upstream.url);
  const refused = await repeat(1001, () => fetch(`${url}/customers`, bearer("sk_live_a")));
  expect(refused.status).toBe(429);
  expect(await refused.json()).toEqual({
    error: { type: "rate_limit_error", message: "Too many requests. Please retry after the rate limit resets." },
  });
});

test("P4: a batch of events is one request", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("prolifi"), upstream.url);
  const body = JSON.stringify({ events: Array.from({ length: 1000 }, (_, i) => ({ quantity: i })) });
  const response = await fetch(`${url}/events/batch`, { method: "POST", body, ...bearer("sk_live_a") });
  expect(rateLimit(response).remaining).toBe("999");
});

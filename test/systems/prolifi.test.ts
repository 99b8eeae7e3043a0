import { expect, test } from "vitest";
import { bearer, type Issued, issueKey } from "./admin.ts";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

test("P1: 1000 requests a minute for each API key, keys of one merchant being independent", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "prolifi", upstream.url);
  const [first, second] = [await issueKey(gate, "Merchant"), await issueKey(gate, "Merchant")];
  const get = (key: Issued): Promise<Response> => fetch(`${gate.url}/customers`, { headers: bearer(key) });

  expect((await repeat(1000, () => get(first))).status).toBe(200);
  expect((await get(first)).status).toBe(429);
  expect(rateLimit(await get(second))).toMatchObject({ limit: "1000", remaining: "999" });
  gate.clock.now += 60_000;
  expect((await get(first)).status).toBe(200);
});

test("P1: both numbers are defaults that the policy can change", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "prolifi", upstream.url, (text) =>
    text.replace("quota: 1000\n    window: 1m", "quota: 3\n    window: 10s"),
  );
  const headers = bearer(await issueKey(gate));
  const refused = await repeat(4, () => fetch(`${gate.url}/customers`, { headers }));
  expect(refused.status).toBe(429);
  expect(rateLimit(refused)).toMatchObject({ limit: "3", retryAfter: "10" });
});

test("P1: a key is live or for tests, secret or public; a public one may be made so that it only reads", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("prolifi"), upstream.url);
  expect((await issueKey(gate)).secret).toMatch(/^sk_live_/);
  for (const prefix of ["sk_live_", "sk_test_", "pk_live_", "pk_test_"]) {
    const key = await issueKey(gate, "Merchant", { prefix });
    expect(key.secret.startsWith(prefix)).toBe(true);
    expect((await fetch(`${gate.url}/events`, { method: "POST", headers: bearer(key) })).status).toBe(200);
  }

  const headers = bearer(await issueKey(gate, "Merchant", { prefix: "pk_live_", scopes: ["read"] }));
  expect((await fetch(`${gate.url}/customers`, { headers })).status).toBe(200);
  const refused = await fetch(`${gate.url}/events`, { method: "POST", headers });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: "HG_REQUEST_SCOPE" });
  expect(rateLimit(refused)).toMatchObject({ limit: "1000", remaining: "998" });
  await expect
    .poll(() => upstream.received.map(({ method }) => method))
    .toEqual(["POST", "POST", "POST", "POST", "GET"]);
});

test("P2: Limit and Remaining on every response, Retry-After on a 429, no Reset", async () => {
  const upstream = await startUpstream((request, response) => {
    response.writeHead(request.url === "/missing" ? 404 : 200).end("{}");
  });
  const gate = await serve(policyFile("prolifi"), upstream.url);
  const headers = bearer(await issueKey(gate));
  const get = (path: string): Promise<Response> => fetch(gate.url + path, { headers });

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
  const gate = await serve(policyFile("prolifi"), upstream.url);
  const headers = bearer(await issueKey(gate));
  const refused = await repeat(1001, () => fetch(`${gate.url}/customers`, { headers }));
  expect(refused.status).toBe(429);
  expect(await refused.json()).toEqual({
    error: { type: "rate_limit_error", message: "Too many requests. Please retry after the rate limit resets." },
  });
});

test("P4: a batch of events is one request", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("prolifi"), upstream.url);
  const body = JSON.stringify({ events: Array.from({ length: 1000 }, (_, i) => ({ quantity: i })) });
  const headers = bearer(await issueKey(gate));
  const response = await fetch(`${gate.url}/events/batch`, { method: "POST", body, headers });
  expect(rateLimit(response).remaining).toBe("999");
});

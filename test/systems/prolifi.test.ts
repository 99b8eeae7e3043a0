import { expect, test } from "vitest";
import { bearer, type Issued, issueKey, type Json } from "./admin.ts";
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

test("P4: a batch of 1000 events is one request, and each is judged on its own", async () => {
  const gate = await serve(policyFile("prolifi"));
  const { post, list } = merchantOf(gate, await issueKey(gate));
  const events = Array.from({ length: 1001 }, (_, i) => ({ type: "api.call", metadata: { quantity: i } }));
  const mixed = events.slice(1).map((event, i) => (i % 4 === 3 ? { ...event, type: i } : event));
  const response = await post("/events/batch", { events: mixed });
  expect(response.status).toBe(200);
  expect(rateLimit(response).remaining).toBe("999");
  const report = (await response.json()) as { ids: string[]; rejections: Json[] };
  expect(report).toMatchObject({ accepted: 750, rejected: 250 });
  expect(new Set(report.ids).size).toBe(750);
  expect(report.rejections).toHaveLength(250);
  expect(report.rejections[0]).toEqual({ index: 3, field: "type", reason: expect.any(String) });

  expect((await post("/events/batch", { events })).status).toBe(422);
  expect((await list()).map(({ metadata }) => metadata)).toEqual([{ quantity: 999 }, { quantity: 998 }]);
});

test("P5: a request that is sent again under its Idempotency-Key is answered again, and not carried out", async () => {
  const gate = await serveAt(NOON, "prolifi");
  const { post, list } = merchantOf(gate, await issueKey(gate));
  const calls: [path: string, body: object, otherBody: object][] = [
    ["/events", { type: "api.call" }, { type: "another" }],
    ["/events/batch", { events: [{ type: "api.call" }, { type: 1 }] }, { events: [{ type: "another" }] }],
  ];
  for (const [path, body, otherBody] of calls) {
    const key = path.padEnd(255, "k");
    const first = await post(path, body, key);
    const again = await post(path, body, key);
    expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([200, null]);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(await again.json()).toEqual(await first.json());
    const other = await post(path, otherBody, key);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: "HG_EVENTS_IDEMPOTENCY_REUSE" });
  }
  expect((await post("/events", { type: "api.call" }, "k".repeat(256))).status).toBe(400);
  expect(await list()).toHaveLength(2);

  // It holds for 24 hours.
  gate.clock.now += 86_400_000;
  const late = await post("/events", { type: "another" }, "/events".padEnd(255, "k"));
  expect([late.status, late.headers.get("idempotent-replayed")]).toEqual([200, null]);
});

test("P5: an Idempotency-Key is one merchant's, and one API key's", async () => {
  const gate = await serve(policyFile("prolifi"));
  const merchants = [await issueKey(gate, "A"), await issueKey(gate, "A"), await issueKey(gate, "B")].map((key) =>
    merchantOf(gate, key),
  );
  for (const { post } of merchants) {
    const response = await post("/events", { type: "api.call" }, "same");
    expect([response.status, response.headers.get("idempotent-replayed")]).toEqual([200, null]);
  }
  const counts = await Promise.all(merchants.map(async ({ list }) => (await list()).length));
  expect(counts).toEqual([2, 2, 1]);
});

/** A merchant's program, with one of its keys. */
function merchantOf({ url }: { readonly url: string }, key: Issued) {
  const headers = { ...bearer(key), "content-type": "application/json" };
  return {
    post: (path: string, body: object, idempotencyKey?: string): Promise<Response> =>
      fetch(url + path, {
        method: "POST",
        headers: { ...headers, ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }) },
        body: JSON.stringify(body),
      }),
    /** The newest events of the merchant. */
    async list(): Promise<Json[]> {
      const response = await fetch(`${url}/v1/events?limit=2`, { headers });
      return ((await response.json()) as { items: Json[] }).items;
    },
  };
}

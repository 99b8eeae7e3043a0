import { expect, test } from "vitest";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const bearer = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });

test("L1: 100 requests a minute for each API key, and one key's use never moves another's", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const get = (key: string): Promise<Response> => fetch(`${url}/v1/events`, bearer(key));

  expect(rateLimit(await get("lp_test_a"))).toEqual({ limit: "100", remaining: "99", reset: null, retryAfter: null });
  expect((await repeat(99, () => get("lp_test_a"))).status).toBe(200);
  expect((await get("lp_test_a")).status).toBe(429);
  expect(rateLimit(await get("lp_test_b")).remaining).toBe("99");
  await expect.poll(() => upstream.received.length).toBe(101);
});

test("L1: of 10 000 requests at once exactly 100 are admitted", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const statuses = new Map<number, number>();
  await Promise.all(
    Array.from({ length: 10_000 }, async () => {
      const response = await fetch(`${url}/v1/events`, bearer("lp_test_a"));
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }),
  );
  expect(Object.fromEntries(statuses)).toEqual({ 200: 100, 429: 9_900 });
  await expect.poll(() => upstream.received.length).toBe(100);
}, 60_000);

test("L2: widgets have 120 a minute for each token, on a counter of their own", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const widget = (): Promise<Response> => fetch(`${url}/v1/widget/events`, bearer("lp_wt_a"));

  await fetch(`${url}/v1/events`, bearer("lp_sk_a"));
  expect(rateLimit(await widget())).toMatchObject({ limit: "120", remaining: "119" });
  expect((await repeat(119, widget)).status).toBe(200);
  expect((await widget()).status).toBe(429);
  expect(rateLimit(await fetch(`${url}/v1/events`, bearer("lp_sk_a"))).remaining).toBe("98");
});

test("L3: a batch is one request however many events it holds", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const body = JSON.stringify({ events: Array.from({ length: 100 }, () => ({ type: "a", actor: { id: "b" } })) });
  const response = await fetch(`${url}/v1/events/batch`, { method: "POST", body, ...bearer("lp_test_a") });
  expect(rateLimit(response).remaining).toBe("99");
  await expect.poll(() => upstream.received[0]?.body).toBe(body);
});

test("L4: Limit and Remaining are on every response, and Reset on none", async () => {
  const upstream = await startUpstream((request, response) => {
    const status = Number(request.headers["x-wanted-status"]);
    response
      .writeHead(status, status === 200 ? { "content-type": "application/json" } : {})
      .end(status === 304 ? "" : "{}");
  });
  const { url } = await serve(policyFile("logproof"), upstream.url);
  let remaining = 100;
  for (const status of [200, 201, 304, 400, 401, 403, 404, 422, 500, 503]) {
    const headers = { authorization: "Bearer lp_test_a", "x-wanted-status": String(status) };
    const response = await fetch(`${url}/v1/events`, { headers });
    expect(response.status).toBe(status);
    remaining -= 1;
    expect(rateLimit(response)).toEqual({ limit: "100", remaining: String(remaining), reset: null, retryAfter: null });
  }
});

test("L4: they are also on a 502, when there is no upstream", async () => {
  const { url } = await serve(policyFile("logproof"), "http://127.0.0.1:1");
  const response = await fetch(`${url}/v1/events`, bearer("lp_test_a"));
  expect(response.status).toBe(502);
  expect(rateLimit(response)).toMatchObject({ limit: "100", remaining: "99" });
});

test("L5: Retry-After is in whole seconds, on a 429 only, and a caller that waits it is admitted", async () => {
  const upstream = await startUpstream();
  const { url, clock } = await serveAt(Date.UTC(2026, 0, 1, 12), "logproof", upstream.url);
  const get = (): Promise<Response> => fetch(`${url}/v1/events`, bearer("lp_test_a"));

  expect(rateLimit(await get()).retryAfter).toBeNull();
  clock.now += 15_500;
  await repeat(99, get);
  const refused = await get();
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("45");

  clock.now += 44_000;
  expect((await get()).status).toBe(429);
  clock.now += 1_000;
  expect((await get()).status).toBe(200);
});

test("L6: the refusal's body is the documented one, its number is Retry-After, and Remaining is 0", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const refused = await repeat(101, () => fetch(`${url}/v1/events`, bearer("lp_test_a")));
  const { retryAfter, remaining, limit } = rateLimit(refused);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("content-type")).toBe("application/json");
  expect({ limit, remaining }).toEqual({ limit: "100", remaining: "0" });
  expect(await refused.json()).toEqual({
    error: { type: "rate_limit_exceeded", message: `Rate limit exceeded. Please retry after ${retryAfter} seconds.` },
  });
});

test("L8: reads carry an ETag, and If-None-Match gives 304", async () => {
  const upstream = await startUpstream((_, response) => response.end('{"data":[]}'));
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const first = await fetch(`${url}/v1/events`, bearer("lp_test_a"));
  const etag = first.headers.get("etag") ?? "";
  expect(etag).toMatch(/^"/);

  const headers = { authorization: "Bearer lp_test_a", "if-none-match": etag };
  const second = await fetch(`${url}/v1/events`, { headers });
  expect(second.status).toBe(304);
  expect(second.headers.get("etag")).toBe(etag);
  expect(await second.text()).toBe("");
  expect(rateLimit(second)).toMatchObject({ limit: "100", remaining: "98" });
});

test("L10: a key is told from a widget token by its prefix, and other credentials are neither", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const get = async (key: string): Promise<string | null> =>
    rateLimit(await fetch(`${url}/v1/events`, bearer(key))).remaining;

  expect(await get("lp_test_a")).toBe("99");
  expect(await get("lp_sk_a")).toBe("99");
  expect(await get("something_else")).not.toBe("99");
});

test("L10: a widget token has its own counters, on widgets and elsewhere, and so has a key on widgets", async () => {
  const upstream = await startUpstream();
  const { url } = await serve(policyFile("logproof"), upstream.url);
  const limits = async (path: string, key: string): Promise<(string | null)[]> => {
    const { limit, remaining } = rateLimit(await fetch(url + path, bearer(key)));
    return [limit, remaining];
  };
  expect(await limits("/v1/widget/events", "lp_wt_a")).toEqual(["120", "119"]);
  expect(await limits("/v1/events", "lp_wt_a")).toEqual(["100", "99"]);
  expect(await limits("/v1/widget/events", "lp_sk_a")).toEqual(["120", "119"]);
  expect(await limits("/V1/events", "lp_sk_a")).toEqual(["100", "99"]);
});

test("L11: an exhausted plan is another refusal, and waits for the month", async () => {
  const upstream = await startUpstream();
  const { url } = await serveAt(Date.UTC(2026, 0, 31, 23, 0), "logproof", upstream.url, (text) =>
    text.replace("quota: 1000000", "quota: 5"),
  );
  const refused = await repeat(6, () => fetch(`${url}/v1/events`, bearer("lp_test_a")));
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("3600");
  expect(await refused.json()).toMatchObject({ error: { type: "plan_limit_exceeded" } });
});

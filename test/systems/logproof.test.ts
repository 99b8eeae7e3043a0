import { expect, test } from "vitest";
import { bearer, type Issued, issueKey, issueToken } from "./admin.ts";
import { askAtOnce } from "./ask-at-once.ts";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

test("L1: 100 requests a minute for each API key, and one key's use never moves another's", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("logproof"), upstream.url);
  const [first, second] = [await issueKey(gate), await issueKey(gate)];
  const get = (key: Issued): Promise<Response> => fetch(`${gate.url}/v1/events`, { headers: bearer(key) });

  expect(rateLimit(await get(first))).toEqual({ limit: "100", remaining: "99", reset: null, retryAfter: null });
  expect((await repeat(99, () => get(first))).status).toBe(200);
  expect((await get(first)).status).toBe(429);
  expect(rateLimit(await get(second)).remaining).toBe("99");
  await expect.poll(() => upstream.received.length).toBe(101);
});

test("L1: of 10 000 requests at once exactly 100 are admitted", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("logproof"), upstream.url);
  const headers = bearer(await issueKey(gate));
  expect(await askAtOnce(`${gate.url}/v1/events`, 10_000, headers)).toEqual({ 200: 100, 429: 9_900 });
  await expect.poll(() => upstream.received.length).toBe(100);
});

test("L2: widgets have 120 a minute for each token, on a counter of their own", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("logproof"), upstream.url);
  const key = await issueKey(gate);
  const [first, second] = [
    await issueToken(gate, key.id, { widget: true }),
    await issueToken(gate, key.id, { widget: true }),
  ];
  const events = (): Promise<Response> => fetch(`${gate.url}/v1/events`, { headers: bearer(key) });
  const widget = (token: Issued): Promise<Response> =>
    fetch(`${gate.url}/v1/widget/events`, { headers: bearer(token) });

  await events();
  expect(rateLimit(await widget(first))).toMatchObject({ limit: "120", remaining: "119" });
  expect((await repeat(119, () => widget(first))).status).toBe(200);
  expect((await widget(first)).status).toBe(429);
  expect(rateLimit(await widget(second))).toMatchObject({ limit: "120", remaining: "119" });
  expect(rateLimit(await events()).remaining).toBe("98");
});

test("L4: Limit and Remaining are on every response, and Reset on none", async () => {
  const upstream = await startUpstream((request, response) => {
    const status = Number(request.headers["x-wanted-status"]);
    response
      .writeHead(status, status === 200 ? { "content-type": "application/json" } : {})
      .end(status === 304 ? "" : "{}");
  });
  const gate = await serve(policyFile("logproof"), upstream.url);
  const headers = bearer(await issueKey(gate));
  let remaining = 100;
  for (const status of [200, 201, 304, 400, 401, 403, 404, 422, 500, 503]) {
    const response = await fetch(`${gate.url}/v1/events`, {
      headers: { ...headers, "x-wanted-status": String(status) },
    });
    expect(response.status).toBe(status);
    remaining -= 1;
    expect(rateLimit(response)).toEqual({ limit: "100", remaining: String(remaining), reset: null, retryAfter: null });
  }
});

test("L4: they are also on a 502, when there is no upstream", async () => {
  const gate = await serve(policyFile("logproof"), "http://127.0.0.1:1");
  const headers = bearer(await issueKey(gate));
  const response = await fetch(`${gate.url}/v1/events`, { headers });
  expect(response.status).toBe(502);
  expect(rateLimit(response)).toMatchObject({ limit: "100", remaining: "99" });
});

test("L5: Retry-After is in whole seconds, on a 429 only, and a caller that waits it is admitted", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(NOON, "logproof", upstream.url);
  const { url, clock } = gate;
  const headers = bearer(await issueKey(gate));
  const get = (): Promise<Response> => fetch(`${url}/v1/events`, { headers });

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
  const gate = await serve(policyFile("logproof"), upstream.url);
  const headers = bearer(await issueKey(gate));
  const refused = await repeat(101, () => fetch(`${gate.url}/v1/events`, { headers }));
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
  const gate = await serve(policyFile("logproof"), upstream.url);
  const headers = bearer(await issueKey(gate));
  const first = await fetch(`${gate.url}/v1/events`, { headers });
  const etag = first.headers.get("etag") ?? "";
  expect(etag).toMatch(/^"/);

  const second = await fetch(`${gate.url}/v1/events`, { headers: { ...headers, "if-none-match": etag } });
  expect(second.status).toBe(304);
  expect(second.headers.get("etag")).toBe(etag);
  expect(await second.text()).toBe("");
  expect(rateLimit(second)).toMatchObject({ limit: "100", remaining: "98" });
});

test("L10: keys are for tests or live, and what is neither key nor widget token is refused with 401", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("logproof"), upstream.url);
  const get = (key: Issued): Promise<Response> => fetch(`${gate.url}/v1/events`, { headers: bearer(key) });
  for (const prefix of ["lp_test_", "lp_sk_"]) {
    const key = await issueKey(gate, "Acme", { prefix });
    expect(key.secret.startsWith(prefix)).toBe(true);
    expect(rateLimit(await get(key))).toMatchObject({ limit: "100", remaining: "99" });
  }
  for (const secret of ["lp_test_a", "lp_wt_a", "something_else"]) {
    const refused = await get({ id: "", secret });
    expect(refused.status).toBe(401);
    expect(rateLimit(refused).limit).toBe("6000");
    expect(await refused.json()).toEqual({
      error: { type: "authentication_error", message: "Present a valid API key or widget token." },
    });
  }
});

test("L10: a widget token begins with lp_wt_, and may only read", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("logproof"), upstream.url);
  const token = await issueToken(gate, (await issueKey(gate)).id, { widget: true });
  expect(token.secret).toMatch(/^lp_wt_/);
  for (const path of ["/v1/widget/events", "/v1/events"]) {
    expect((await fetch(gate.url + path, { headers: bearer(token) })).status).toBe(200);
    const post = await fetch(gate.url + path, { method: "POST", body: "{}", headers: bearer(token) });
    expect(post.status).toBe(403);
    expect(rateLimit(post).remaining).not.toBeNull();
  }
  await expect.poll(() => upstream.received.map(({ method }) => method)).toEqual(["GET", "GET"]);
});

test("L10: a widget token has its own counters, on widgets and elsewhere, and so has a key on widgets", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("logproof"), upstream.url);
  const limits = async (path: string, by: Issued): Promise<(string | null)[]> => {
    const { limit, remaining } = rateLimit(await fetch(gate.url + path, { headers: bearer(by) }));
    return [limit, remaining];
  };
  const key = await issueKey(gate);
  const token = await issueToken(gate, key.id, { widget: true });
  expect(await limits("/v1/widget/events", token)).toEqual(["120", "119"]);
  expect(await limits("/v1/events", token)).toEqual(["100", "99"]);
  expect(await limits("/v1/widget/events", key)).toEqual(["120", "119"]);
  expect(await limits("/V1/events", key)).toEqual(["100", "99"]);
});

test("L11: an exhausted plan is another refusal, waits for the month, and is the account's", async () => {
  const upstream = await startUpstream();
  const gate = await serveAt(Date.UTC(2026, 0, 31, 23, 0), "logproof", upstream.url, (text) =>
    text.replace("quota: 1000000", "quota: 5"),
  );
  const [first, second] = [await issueKey(gate, "Acme"), await issueKey(gate, "Acme")];
  const other = await issueKey(gate, "Other");
  const get = (key: Issued): Promise<Response> => fetch(`${gate.url}/v1/events`, { headers: bearer(key) });
  expect((await repeat(3, () => get(first))).status).toBe(200);
  expect((await repeat(2, () => get(second))).status).toBe(200);
  for (const key of [first, second]) {
    const refused = await get(key);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("3600");
    expect(await refused.json()).toMatchObject({ error: { type: "plan_limit_exceeded" } });
  }
  expect((await get(other)).status).toBe(200);
  gate.clock.now += 3_600_000;
  expect((await get(first)).status).toBe(200);
});

test("L12: one customer's limit is raised at once, what it has used stays used, and so back again", async () => {
  const upstream = await startUpstream();
  const gate = await serve(policyFile("logproof"), upstream.url);
  const [key, other] = [await issueKey(gate, "Acme"), await issueKey(gate, "Other")];
  const get = async (by: Issued): Promise<[number, string | null, string | null]> => {
    const response = await fetch(`${gate.url}/v1/events`, { headers: bearer(by) });
    const { limit, remaining } = rateLimit(response);
    return [response.status, limit, remaining];
  };
  const override = (change: object): Promise<{ id: string }> =>
    gate.admin("POST", "/overrides", { account: "Acme", limit: "api", ...change });

  await repeat(99, () => fetch(`${gate.url}/v1/events`, { headers: bearer(key) }));
  expect(await get(key)).toEqual([200, "100", "0"]);
  expect(await get(key)).toEqual([429, "100", "0"]);
  await override({ quota: 500, for: "30d", reason: "launch week" });
  expect(await get(key)).toEqual([200, "500", "399"]);
  expect(await get(other)).toEqual([200, "100", "99"]);
  await override({ factor: 2 });
  expect(await get(key)).toEqual([200, "200", "98"]);
  // What is left to be shown is the plan's quota.
  const { id } = await override({ unlimited: true });
  expect(await get(key)).toEqual([200, "1000000", "999897"]);
  await gate.admin("DELETE", `/overrides/${id}`);
  expect(await get(key)).toEqual([429, "100", "-2"]);
});

test("L12: a raised limit is still raised after a crash", async () => {
  const upstream = await startUpstream();
  const before = await serve(policyFile("logproof"), upstream.url);
  const headers = bearer(await issueKey(before, "Acme"));
  await before.admin("POST", "/overrides", { account: "Acme", limit: "api", quota: 500 });
  await before.crash();

  const after = await serve(policyFile("logproof"), upstream.url, { data: before.data });
  expect(rateLimit(await fetch(`${after.url}/v1/events`, { headers }))).toMatchObject({ limit: "500" });
});

import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { bearer, type Issued, issueKey } from "./admin.ts";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

/** Keymint's API as far as limits care: 401 for whom Headgate does not vouch. */
const api: RequestListener = (request, response) => {
  const isKnown = request.headers["x-headgate-account"] !== undefined;
  response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" }).end('{"code":0}');
};
const INVALID = { message: "The access token is missing or not valid.", code: 1 };
const NOON = Date.UTC(2026, 0, 1, 12);
const madeUp = (secret: string): Issued => ({ id: "", secret });

test("K1: limits per address, per token and per endpoint hold at once", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("keymint"), upstream.url);
  const call = (path: string, token: Issued): Promise<Response> =>
    fetch(gate.url + path, { method: "POST", headers: bearer(token) });
  const [first, second] = [await issueKey(gate), await issueKey(gate)];

  // Per token and per endpoint: five validations are enough, but the token has five calls left elsewhere.
  expect((await repeat(5, () => call("/key/validate", first))).status).toBe(200);
  expect((await call("/key/validate", first)).status).toBe(429);
  expect((await repeat(5, () => call("/key", first))).status).toBe(200);
  expect((await call("/key", first)).status).toBe(429);
  // Per token: another one starts afresh, also of the same account. Per address: made-up tokens share one counter.
  expect((await call("/key", second)).status).toBe(200);
  for (let i = 0; i < 10; i++) expect((await call("/key", madeUp(`at_${i}`))).status).toBe(401);
  expect((await call("/key", madeUp("at_10"))).status).toBe(429);
  expect((await call("/key", second)).status).toBe(200);
});

test("K2: validation and activation are limited more tightly than the rest", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("keymint"), upstream.url);
  const admitted = async (path: string, headers: Record<string, string>): Promise<number> => {
    let count = 0;
    while ((await fetch(gate.url + path, { method: "POST", headers })).status !== 429) count += 1;
    return count;
  };
  expect(await admitted("/key", bearer(await issueKey(gate)))).toBe(10);
  expect(await admitted("/key/validate", bearer(await issueKey(gate)))).toBe(5);
  expect(await admitted("/key/activate", bearer(await issueKey(gate)))).toBe(5);
  // Those who have no token have five of each too, and no more than ten of all.
  expect(await admitted("/key/validate", {})).toBe(5);
  expect(await admitted("/key/activate", {})).toBe(5);
  expect(await admitted("/key", {})).toBe(0);
});

test("K3: a refusal says Retry-After: 60 and has the documented body, whose message differs by endpoint", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("keymint"), upstream.url);
  const refusal = async (path: string, calls: number): Promise<unknown> => {
    const headers = bearer(await issueKey(gate));
    const refused = await repeat(calls, () => fetch(gate.url + path, { method: "POST", headers }));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("content-type")).toBe("application/json");
    return refused.json();
  };
  expect(await refusal("/key/activate", 6)).toEqual({
    message: "Too many activation attempts. Please try again later.",
    code: 3,
  });
  expect(await refusal("/key/validate", 6)).toEqual({
    message: "Too many validation attempts. Please try again later.",
    code: 3,
  });
  expect(await refusal("/key", 11)).toEqual({ message: "Too many requests. Please try again later.", code: 3 });
});

test("K3: whoever waits the 60 seconds is admitted", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "keymint", upstream.url);
  const token = await issueKey(gate);
  const call = (): Promise<Response> => fetch(`${gate.url}/key`, { headers: bearer(token) });
  expect((await repeat(11, call)).status).toBe(429);
  gate.clock.now += 60_000;
  expect((await call()).status).toBe(200);
});

test("K4: plans have 10, 100 and 1000 a minute, and half of that to validate and to activate", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "keymint", upstream.url);
  const plans = [{ quota: 10 }, { plan: "startup", quota: 100 }, { plan: "standard", quota: 1000 }];
  for (const { plan, quota } of plans) {
    const name = plan ?? "none";
    await gate.admin("POST", "/accounts", { name, ...(plan && { plan }) });
    const token = await issueKey(gate, name);
    const call = (path: string): Promise<Response> =>
      fetch(gate.url + path, { method: "POST", headers: bearer(token) });
    expect(rateLimit(await repeat(quota / 2, () => call("/key/activate")))).toMatchObject({ remaining: "0" });
    expect((await call("/key/activate")).status).toBe(429);
    expect((await repeat(quota / 2, () => call("/key"))).status).toBe(200);
    const refused = await call("/key");
    expect(refused.status).toBe(429);
    expect(rateLimit(refused)).toMatchObject({ limit: String(quota), remaining: "0" });
  }
});

test("K4: a request with a valid token does not count against its address", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("keymint"), upstream.url);
  for (let i = 0; i < 12; i++) {
    expect((await fetch(`${gate.url}/key`, { headers: bearer(await issueKey(gate)) })).status).toBe(200);
  }
  const anonymous = await fetch(`${gate.url}/key`);
  expect(anonymous.status).toBe(401);
  expect(rateLimit(anonymous)).toMatchObject({ limit: "10", remaining: "9" });
});

test("K5: the documented routes pass with their method, path and token", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("keymint"), upstream.url);
  const token = await issueKey(gate);
  const routes = [
    ["POST", "/key"],
    ["GET", "/key"],
    ["POST", "/key/activate"],
    ["POST", "/key/deactivate"],
    ["POST", "/key/validate"],
  ] as const;
  for (const [method, path] of routes) {
    expect((await fetch(gate.url + path, { method, headers: bearer(token) })).status).toBe(200);
  }
  await expect.poll(() => upstream.received.map(({ method, url: path }) => [method, path])).toEqual(routes);
  expect(upstream.received[0]?.headers.authorization).toBe(`Bearer ${token.secret}`);
});

test("K5: tokens begin with at_, and one that was not issued goes no further", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("keymint"), upstream.url);
  const { secret } = await issueKey(gate);
  expect(secret).toMatch(/^at_/);
  // Mistyped, made up, and of another kind.
  for (const wrong of [`${secret.slice(0, -1)}~`, "at_good", "sk_live_1"]) {
    const refused = await fetch(`${gate.url}/key`, { headers: bearer(madeUp(wrong)) });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual(INVALID);
  }
  expect(upstream.received).toEqual([]);
});

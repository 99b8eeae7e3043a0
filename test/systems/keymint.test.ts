import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

/** Keymint's API as far as limits care: 401 for tokens it did not issue. */
const api: RequestListener = (request, response) => {
  const isValid = request.headers.authorization?.startsWith("Bearer at_good");
  response.writeHead(isValid ? 200 : 401, { "content-type": "application/json" }).end('{"code":0}');
};
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const NOON = Date.UTC(2026, 0, 1, 12);

test("K1: limits per address, per token and per endpoint hold at once", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("keymint"), upstream.url);
  const call = (path: string, token: string): Promise<Response> =>
    fetch(`${url}${path}`, { method: "POST", headers: bearer(token) });

  // Per token and per endpoint: five validations are enough, but the token has five calls left elsewhere.
  expect((await repeat(5, () => call("/key/validate", "at_good_1"))).status).toBe(200);
  expect((await call("/key/validate", "at_good_1")).status).toBe(429);
  expect((await repeat(5, () => call("/key", "at_good_1"))).status).toBe(200);
  expect((await call("/key", "at_good_1")).status).toBe(429);
  // Per token: another one starts afresh. Per address: made-up tokens share one counter.
  expect((await call("/key", "at_good_2")).status).toBe(200);
  for (let i = 0; i < 10; i++) expect((await call("/key", `at_bad_${i}`)).status).toBe(401);
  expect((await call("/key", "at_bad_10")).status).toBe(429);
});

test("K2: validation and activation are limited more tightly than the rest", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("keymint"), upstream.url);
  const admitted = async (path: string, token: string): Promise<number> => {
    let count = 0;
    while ((await fetch(`${url}${path}`, { method: "POST", headers: bearer(token) })).status === 200) count += 1;
    return count;
  };
  expect(await admitted("/key", "at_good_1")).toBe(10);
  expect(await admitted("/key/validate", "at_good_2")).toBe(5);
  expect(await admitted("/key/activate", "at_good_3")).toBe(5);
});

test("K3: a refusal says Retry-After: 60 and has the documented body, whose message differs by endpoint", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("keymint"), upstream.url);
  const refusal = async (path: string, token: string, calls: number): Promise<unknown> => {
    const refused = await repeat(calls, () => fetch(`${url}${path}`, { method: "POST", headers: bearer(token) }));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(refused.headers.get("content-type")).toBe("application/json");
    return refused.json();
  };
  expect(await refusal("/key/activate", "at_good_1", 6)).toEqual({
    message: "Too many activation attempts. Please try again later.",
    code: 3,
  });
  expect(await refusal("/key/validate", "at_good_2", 6)).toMatchObject({ code: 3, message: /validation/ });
  expect(await refusal("/key", "at_good_3", 11)).toMatchObject({ code: 3, message: /requests/ });
});

test("K3: whoever waits the 60 seconds is admitted", async () => {
  const upstream = await startUpstream(api);
  const { url, clock } = await serveAt(NOON, "keymint", upstream.url);
  const call = (): Promise<Response> => fetch(`${url}/key`, { headers: bearer("at_good") });
  expect((await repeat(11, call)).status).toBe(429);
  clock.now += 60_000;
  expect((await call()).status).toBe(200);
});

test("K4: a request with a valid token does not count against its address", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("keymint"), upstream.url);
  for (let i = 0; i < 12; i++) {
    expect((await fetch(`${url}/key`, { headers: bearer(`at_good_${i}`) })).status).toBe(200);
  }
  const anonymous = await fetch(`${url}/key`);
  expect(anonymous.status).toBe(401);
  expect(rateLimit(anonymous)).toMatchObject({ limit: "10", remaining: "9" });
});

test("K5: the documented routes pass with their method, path and token", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("keymint"), upstream.url);
  const routes = [
    ["POST", "/key"],
    ["GET", "/key"],
    ["POST", "/key/activate"],
    ["POST", "/key/deactivate"],
    ["POST", "/key/validate"],
  ] as const;
  for (const [method, path] of routes) {
    expect((await fetch(url + path, { method, headers: bearer("at_good") })).status).toBe(200);
  }
  await expect.poll(() => upstream.received.map(({ method, url: path }) => [method, path])).toEqual(routes);
  expect(upstream.received[0]?.headers.authorization).toBe("Bearer at_good");
});

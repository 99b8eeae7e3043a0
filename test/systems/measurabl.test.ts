import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const METERS = "/core/v0/portfolios/1/buildings/2/meters/3/readings";
const WASTE_METERS = "/core/v0/portfolios/1/buildings/2/waste_meters/3";
const BUILDINGS = "/core/v0/portfolios/1/buildings";
const NOON = Date.UTC(2026, 0, 1, 12);

/** Measurabl's API as far as limits care: tokens that live, and tokens that have expired. */
const expired = new Set<string>();
const api: RequestListener = (request, response) => {
  const token = request.headers.authorization?.slice("Bearer ".length);
  const isValid = request.url === "/token" || (token?.startsWith("good") && !expired.has(token));
  response.writeHead(isValid ? 200 : 401, { "content-type": "application/vnd.api+json" }).end("{}");
};
const call = (url: string, method: string, token?: string): Promise<Response> =>
  fetch(url, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });

test("M1: five classes of requests have 50, 25, 100, 500 and 25 per five minutes", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("measurabl"), upstream.url);
  const limitOf = async (path: string, method: string, token?: string): Promise<[string | null, string | null]> => {
    const { limit, remaining } = rateLimit(await call(url + path, method, token));
    return [limit, remaining];
  };
  expect(await limitOf(BUILDINGS, "GET")).toEqual(["50", "49"]);
  expect(await limitOf(BUILDINGS, "POST", "good")).toEqual(["25", "24"]);
  expect(await limitOf(BUILDINGS, "PATCH", "good")).toEqual(["25", "23"]);
  expect(await limitOf(METERS, "POST", "good")).toEqual(["100", "99"]);
  expect(await limitOf(BUILDINGS, "GET", "good")).toEqual(["500", "499"]);
  expect(await limitOf("/token", "POST")).toEqual(["25", "24"]);
});

test("M1: a token that is not valid makes no difference: 50 for the address, and then no more", async () => {
  const upstream = await startUpstream(api);
  const { url, clock } = await serveAt(NOON, "measurabl", upstream.url);
  for (let i = 0; i < 50; i++) expect((await call(url + BUILDINGS, "GET", `bad${i}`)).status).toBe(401);
  expect((await call(url + BUILDINGS, "GET", "bad50")).status).toBe(429);
  clock.now += 300_000;
  expect((await call(url + BUILDINGS, "GET", "bad51")).status).toBe(401);
});

test("M2: meters and waste meters are the high-frequency endpoints", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("measurabl"), upstream.url);
  expect(rateLimit(await call(url + METERS, "POST", "good")).limit).toBe("100");
  expect(rateLimit(await call(url + WASTE_METERS, "DELETE", "good")).limit).toBe("100");
  expect(rateLimit(await call(`${url}${BUILDINGS}/2/contacts`, "POST", "good")).limit).toBe("25");
});

test("M3: writes are counted per endpoint and per consumer", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("measurabl"), upstream.url);
  const remaining = async (path: string, token: string): Promise<string | null> =>
    rateLimit(await call(url + path, "POST", token)).remaining;

  expect(await remaining(BUILDINGS, "good1")).toBe("24");
  expect(await remaining(`${BUILDINGS}/2`, "good1")).toBe("24");
  expect(await remaining(BUILDINGS, "good2")).toBe("24");
  expect(await remaining("/core/v0/portfolios/77/buildings", "good1")).toBe("23");
});

test("M4: rejected requests count, so Remaining goes below zero, and Reset is ISO 8601 with microseconds", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serveAt(NOON, "measurabl", upstream.url);
  const write = (): Promise<Response> => call(url + BUILDINGS, "POST", "good");
  expect((await repeat(25, write)).status).toBe(200);
  const refused = await repeat(3, write);
  expect(refused.status).toBe(429);
  expect(rateLimit(refused)).toEqual({
    limit: "25",
    remaining: "-3",
    reset: "2026-01-01T12:05:00.000000Z",
    retryAfter: "300",
  });
});

test("M4: that Reset is epoch seconds instead is one word in the policy", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serveAt(NOON, "measurabl", upstream.url, (text) => text.replace("iso-8601", "epoch-seconds"));
  expect(rateLimit(await call(url + BUILDINGS, "POST", "good")).reset).toBe(String(NOON / 1000 + 300));
});

test("M5: a 429 has a Retry-After that is true, although rejected requests count", async () => {
  const upstream = await startUpstream(api);
  const { url, clock } = await serveAt(NOON, "measurabl", upstream.url);
  const write = (): Promise<Response> => call(url + BUILDINGS, "POST", "good");
  await repeat(25, write);
  clock.now += 100_500;
  const refused = await write();
  expect(rateLimit(refused).retryAfter).toBe("200");
  clock.now += 199_000;
  expect((await write()).status).toBe(429);
  clock.now += 1_000;
  expect((await write()).status).toBe(200);
});

test("M6: a token that has expired makes its caller unauthenticated", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("measurabl"), upstream.url);
  const read = (): Promise<Response> => call(url + BUILDINGS, "GET", "good-today");
  expect(rateLimit(await read())).toMatchObject({ limit: "500", remaining: "499" });

  expired.add("good-today");
  const refused = await read();
  expect(refused.status).toBe(401);
  expect(rateLimit(refused)).toMatchObject({ limit: "50", remaining: "49" });
  expect(rateLimit(await read())).toMatchObject({ limit: "50", remaining: "48" });
});

test("M7: a refusal is the documented JSON:API document", async () => {
  const upstream = await startUpstream(api);
  const { url } = await serve(policyFile("measurabl"), upstream.url);
  const refused = await repeat(26, () => call(`${url}/token`, "POST"));
  expect(refused.status).toBe(429);
  expect(refused.headers.get("content-type")).toBe("application/vnd.api+json");
  expect(await refused.json()).toEqual({
    errors: [{ status: "429", title: "Too Many Requests", detail: "Rate Limit Exceeded" }],
  });
});

test("M8: the numbers are changed live, and what has been used stays used", async () => {
  const upstream = await startUpstream(api);
  const { url, reload } = await serveAt(NOON, "measurabl", upstream.url);
  const write = (): Promise<Response> => call(url + BUILDINGS, "POST", "good");
  expect(rateLimit(await repeat(10, write)).remaining).toBe("15");
  await reload((text) => text.replaceAll("quota: 25\n", "quota: 100\n").replace("quota: 500", "quota: 1000"));
  expect(rateLimit(await write())).toMatchObject({ limit: "100", remaining: "89" });
  expect(rateLimit(await call(url + BUILDINGS, "GET", "good"))).toMatchObject({ limit: "1000", remaining: "999" });
});

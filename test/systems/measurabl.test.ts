import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { type Administered, bearer, type Issued, issueKey, issueToken } from "./admin.ts";
import { policyFile, rateLimit, repeat, serve, serveAt, startUpstream } from "./harness.ts";

const METERS = "/core/v0/portfolios/1/buildings/2/meters/3/readings";
const WASTE_METERS = "/core/v0/portfolios/1/buildings/2/waste_meters/3";
const BUILDINGS = "/core/v0/portfolios/1/buildings";
const NOON = Date.UTC(2026, 0, 1, 12);

/** Measurabl's API as far as limits care: 401 for whom Headgate does not vouch. */
const api: RequestListener = (request, response) => {
  const isKnown = request.headers["x-headgate-account"] !== undefined;
  response.writeHead(isKnown ? 200 : 401, { "content-type": "application/vnd.api+json" }).end("{}");
};
const UNAUTHORIZED = {
  errors: [{ status: "401", title: "Unauthorized", detail: "The auth token is missing, expired or not valid." }],
};
const tokenFor = async (gate: Administered, account?: string): Promise<Issued> =>
  issueToken(gate, (await issueKey(gate, account)).id);
const call = (url: string, method: string, token?: Issued): Promise<Response> =>
  fetch(url, { method, headers: token ? bearer(token) : {} });
const basic = ({ id, secret }: Issued): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});

test("M1: five classes of requests have 50, 25, 100, 500 and 25 per five minutes", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("measurabl"), upstream.url);
  const token = await tokenFor(gate);
  const limitOf = async (path: string, method: string, by?: Issued): Promise<[string | null, string | null]> => {
    const { limit, remaining } = rateLimit(await call(gate.url + path, method, by));
    return [limit, remaining];
  };
  expect(await limitOf(BUILDINGS, "GET")).toEqual(["50", "49"]);
  expect(await limitOf(BUILDINGS, "POST", token)).toEqual(["25", "24"]);
  expect(await limitOf(BUILDINGS, "PATCH", token)).toEqual(["25", "23"]);
  expect(await limitOf(METERS, "POST", token)).toEqual(["100", "99"]);
  expect(await limitOf(BUILDINGS, "GET", token)).toEqual(["500", "499"]);
  expect(await limitOf("/token", "POST")).toEqual(["25", "24"]);
});

test("M1: a token that is not valid makes no difference: 50 for the address, and then no more", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "measurabl", upstream.url);
  const { url, clock } = gate;
  const token = await tokenFor(gate);
  const guess = (i: number): Promise<Response> =>
    call(url + BUILDINGS, "GET", { id: "", secret: `${token.secret}${i}` });
  for (let i = 0; i < 50; i++) expect((await guess(i)).status).toBe(401);
  expect((await guess(50)).status).toBe(429);
  expect((await call(url + BUILDINGS, "GET")).status).toBe(429);
  expect(rateLimit(await call(url + BUILDINGS, "GET", token))).toMatchObject({ limit: "500", remaining: "499" });
  clock.now += 300_000;
  expect((await guess(51)).status).toBe(401);
});

test("M2: meters and waste meters are the high-frequency endpoints", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("measurabl"), upstream.url);
  const token = await tokenFor(gate);
  expect(rateLimit(await call(gate.url + METERS, "POST", token)).limit).toBe("100");
  expect(rateLimit(await call(gate.url + WASTE_METERS, "DELETE", token)).limit).toBe("100");
  expect(rateLimit(await call(`${gate.url}${BUILDINGS}/2/contacts`, "POST", token)).limit).toBe("25");
});

test("M3: writes are counted per endpoint and per consumer, whose tokens share them", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("measurabl"), upstream.url);
  const remaining = async (path: string, token: Issued): Promise<string | null> =>
    rateLimit(await call(gate.url + path, "POST", token)).remaining;
  const key = await issueKey(gate, "One");
  const [first, second] = [await issueToken(gate, key.id), await issueToken(gate, key.id)];
  const ofAnotherKey = await tokenFor(gate, "One");
  const other = await tokenFor(gate, "Two");

  expect(await remaining(BUILDINGS, first)).toBe("24");
  expect(await remaining(`${BUILDINGS}/2`, first)).toBe("24");
  expect(await remaining(BUILDINGS, second)).toBe("23");
  expect(await remaining(BUILDINGS, ofAnotherKey)).toBe("22");
  expect(await remaining(BUILDINGS, other)).toBe("24");
  expect(await remaining("/core/v0/portfolios/77/buildings", first)).toBe("21");
});

test("M4: rejected requests count, so Remaining goes below zero, and Reset is ISO 8601 with microseconds", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "measurabl", upstream.url);
  const token = await tokenFor(gate);
  const write = (): Promise<Response> => call(gate.url + BUILDINGS, "POST", token);
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
  const gate = await serveAt(NOON, "measurabl", upstream.url, (text) => text.replace("iso-8601", "epoch-seconds"));
  const token = await tokenFor(gate);
  expect(rateLimit(await call(gate.url + BUILDINGS, "POST", token)).reset).toBe(String(NOON / 1000 + 300));
});

test("M5: a 429 has a Retry-After that is true, although rejected requests count", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "measurabl", upstream.url);
  const { url, clock } = gate;
  const token = await tokenFor(gate);
  const write = (): Promise<Response> => call(url + BUILDINGS, "POST", token);
  await repeat(25, write);
  clock.now += 100_500;
  const refused = await write();
  expect(rateLimit(refused).retryAfter).toBe("200");
  clock.now += 199_000;
  expect((await write()).status).toBe(429);
  clock.now += 1_000;
  expect((await write()).status).toBe(200);
});

test("M6: POST /token gives a token for a key, asked in HTTP's way or in OAuth's", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "measurabl", upstream.url);
  const key = await issueKey(gate);
  const form = (fields: Record<string, string>): URLSearchParams =>
    new URLSearchParams({ grant_type: "client_credentials", ...fields });
  const requests: RequestInit[] = [
    { headers: basic(key) },
    { headers: basic(key), body: form({}) },
    { body: form({ client_id: key.id, client_secret: key.secret }) },
  ];
  for (const [i, request] of requests.entries()) {
    const answer = await fetch(`${gate.url}/token`, { method: "POST", ...request });
    expect(answer.status).toBe(200);
    expect(rateLimit(answer)).toMatchObject({ limit: "25", remaining: String(24 - i) });
    const { access_token: secret, ...token } = (await answer.json()) as { access_token: string };
    expect(token).toMatchObject({ token_type: "Bearer", expires_in: 86_400 });
    expect((await call(gate.url + BUILDINGS, "GET", { id: "", secret })).status).toBe(200);
  }
  // The key's requests were for Headgate alone.
  await expect.poll(() => upstream.received.map(({ url }) => url)).toEqual([BUILDINGS, BUILDINGS, BUILDINGS]);
});

test("M6: who does not know a key's secret gets no token, and 25 guesses", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("measurabl"), upstream.url);
  const [{ id }, other] = [await issueKey(gate), await issueKey(gate)];
  const guess = (): Promise<Response> =>
    fetch(`${gate.url}/token`, { method: "POST", headers: basic({ id, secret: other.secret }) });
  const refused = await repeat(25, guess);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toEqual(UNAUTHORIZED);
  expect((await guess()).status).toBe(429);
});

test("M6: a token lives 24 hours, and then its caller is unauthenticated until it has another", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "measurabl", upstream.url);
  const key = await issueKey(gate);
  const mint = async (): Promise<Issued> => {
    const answer = await fetch(`${gate.url}/token`, { method: "POST", headers: basic(key) });
    const { id, access_token: secret } = (await answer.json()) as { id: string; access_token: string };
    return { id, secret };
  };
  const read = (token: Issued): Promise<Response> => call(gate.url + BUILDINGS, "GET", token);

  const yesterdays = await mint();
  gate.clock.now += 86_400_000 - 1;
  expect(rateLimit(await read(yesterdays))).toMatchObject({ limit: "500", remaining: "499" });
  gate.clock.now += 1;
  const refused = await read(yesterdays);
  expect(refused.status).toBe(401);
  expect(refused.headers.get("content-type")).toBe("application/vnd.api+json");
  expect(await refused.json()).toEqual(UNAUTHORIZED);
  expect(rateLimit(refused)).toMatchObject({ limit: "50", remaining: "49" });
  expect(rateLimit(await read(yesterdays))).toMatchObject({ limit: "50", remaining: "48" });

  const fresh = await read(await mint());
  expect(fresh.status).toBe(200);
  expect(rateLimit(fresh)).toMatchObject({ limit: "500", remaining: "498" });
});

test("M7: a refusal is the documented JSON:API document", async () => {
  const upstream = await startUpstream(api);
  const gate = await serve(policyFile("measurabl"), upstream.url);
  const refused = await repeat(26, () => call(`${gate.url}/token`, "POST"));
  expect(refused.status).toBe(429);
  expect(refused.headers.get("content-type")).toBe("application/vnd.api+json");
  expect(await refused.json()).toEqual({
    errors: [{ status: "429", title: "Too Many Requests", detail: "Rate Limit Exceeded" }],
  });
});

test("M8: the numbers are changed live, and what has been used stays used", async () => {
  const upstream = await startUpstream(api);
  const gate = await serveAt(NOON, "measurabl", upstream.url);
  const { url, reload } = gate;
  const token = await tokenFor(gate);
  const write = (): Promise<Response> => call(url + BUILDINGS, "POST", token);
  expect(rateLimit(await repeat(10, write)).remaining).toBe("15");
  await reload((text) => text.replaceAll("quota: 25\n", "quota: 100\n").replace("quota: 500", "quota: 1000"));
  expect(rateLimit(await write())).toMatchObject({ limit: "100", remaining: "89" });
  expect(rateLimit(await call(url + BUILDINGS, "GET", token))).toMatchObject({ limit: "1000", remaining: "999" });
});

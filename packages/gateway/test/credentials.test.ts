import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { ClaimReader } from "../src/jwt.ts";
import { type Rig, startRig, startUpstream } from "./rig.ts";

describe("credentials: upstream", () => {
  const policy = `
callers: { token: { bearer: true } }
credentials: upstream
limits:
  - { name: known, match: { authenticated: true }, per: [token], quota: 100, window: 1m }
  - { name: unknown, match: { authenticated: false }, per: [ip], quota: 5, window: 1m }`;

  /** An upstream that knows some tokens. */
  async function start(valid: Set<string>): Promise<{ rig: Rig; as(token: string): Promise<Response> }> {
    const rig = await startRig({
      policy,
      upstream: (request, response) => {
        const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
        response.statusCode = request.url === "/broken" ? 500 : valid.has(token) ? 200 : 401;
        response.end();
      },
    });
    const as = (token: string, path = ""): Promise<Response> =>
      fetch(rig.url + path, { headers: { authorization: `Bearer ${token}` } });
    return { rig, as };
  }

  test("the first request of a valid token ends up charged as authenticated", async () => {
    const { as } = await start(new Set(["good"]));
    const first = await as("good");
    expect(first.headers.get("x-ratelimit-limit")).toBe("100");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("99");
    const second = await as("good");
    expect(second.headers.get("x-ratelimit-remaining")).toBe("98");
    expect((await as("bad")).headers.get("x-ratelimit-remaining")).toBe("4");
  });

  test("an expired token makes its caller unauthenticated again", async () => {
    const valid = new Set(["good"]);
    const { as } = await start(valid);
    await as("good");
    valid.clear();
    const refused = await as("good");
    expect(refused.status).toBe(401);
    expect(refused.headers.get("x-ratelimit-limit")).toBe("5");
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("4");
    expect((await as("good")).headers.get("x-ratelimit-remaining")).toBe("3");
  });

  test("made-up tokens share the address's quota", async () => {
    const { as } = await start(new Set());
    for (let i = 0; i < 5; i++) expect((await as(`made-up-${i}`)).status).toBe(401);
    expect((await as("made-up-6")).status).toBe(429);
  });

  test("is forgotten after a day", async () => {
    const { rig, as } = await start(new Set(["good"]));
    await as("good");
    for (let i = 0; i < 5; i++) await as("bad");
    expect((await as("good")).status).toBe(200);
    rig.time.now += 25 * 3_600_000;
    for (let i = 0; i < 5; i++) await as("bad");
    expect((await as("good")).status).toBe(429);
  });

  test("a 5xx says nothing of the token", async () => {
    const { rig } = await start(new Set(["good"]));
    const response = await fetch(`${rig.url}/broken`, { headers: { authorization: "Bearer bad" } });
    expect(response.headers.get("x-ratelimit-limit")).toBe("5");
  });
});

test("credentials: presented counts any credential as valid", async () => {
  const rig = await startRig({
    policy: `
callers: { api-key: { header: x-key } }
limits: [{ name: known, match: { authenticated: true }, per: [], quota: 9, window: 1m }]`,
  });
  const response = await fetch(rig.url, { headers: { "x-key": "anything" } });
  expect(response.headers.get("x-ratelimit-remaining")).toBe("8");
  expect((await fetch(rig.url)).headers.get("x-ratelimit-remaining")).toBeNull();
});

describe("callers from tokens' claims", () => {
  test("are those of tokens that the policy's keys have signed, until they expire", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const stranger = await generateKeyPair("ES256");
    const file = join(mkdtempSync(join(tmpdir(), "headgate-")), "jwks.json");
    writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] }));
    const rig = await startRig({
      policy: `
callers: { tenant: { jwt-claim: sub, jwks: ${file} } }
limits: [{ name: tenant, per: [tenant], quota: 3, window: 2h }]`,
    });
    const sign = (sub: string, key: CryptoKey): Promise<string> =>
      new SignJWT({ sub })
        .setProtectedHeader({ alg: "ES256" })
        .setExpirationTime(rig.time.now / 1000 + 600)
        .sign(key);
    const remaining = async (token: string): Promise<string | null> =>
      (await fetch(rig.url, { headers: { authorization: `Bearer ${token}` } })).headers.get("x-ratelimit-remaining");

    const token = await sign("acme", privateKey);
    expect(await remaining(token)).toBe("2");
    expect(await remaining(await sign("other", privateKey))).toBe("2");
    expect(await remaining(token)).toBe("1");
    expect(await remaining(await sign("acme", stranger.privateKey))).toBeNull();
    expect(await remaining("not.a.token")).toBeNull();
    rig.time.now += 601_000;
    expect(await remaining(token)).toBeNull();
  });

  test("cannot be known while the keys cannot be fetched: 503, and a line in the log once a minute", async () => {
    const keys = await startUpstream((_request, response) => response.writeHead(500).end());
    const rig = await startRig({ policy: `callers: { tenant: { jwt-claim: sub, jwks: "${keys.url}" } }\nlimits: []` });
    const { privateKey } = await generateKeyPair("ES256");
    const token = await new SignJWT({ sub: "acme" }).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
    const ask = (): Promise<Response> => fetch(rig.url, { headers: { authorization: `Bearer ${token}` } });
    for (let i = 0; i < 3; i++) {
      const response = await ask();
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: "HG_KEYS_UNREACHABLE" });
    }
    const unreachable = expect.objectContaining({ level: "error", event: "keys-unreachable" });
    expect(rig.log).toEqual([unreachable]);
    rig.time.now += 60_000;
    await ask();
    expect(rig.log).toEqual([unreachable, unreachable]);
    expect(rig.upstream.seen).toHaveLength(0);
  });

  test("a token that is not valid is looked at once a minute", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "headgate-")), "jwks.json");
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: "ES256" }] }));
    const token = await new SignJWT({}).setProtectedHeader({ alg: "ES256" }).setExpirationTime(1).sign(privateKey);
    let now = 5_000;
    const reader = new ClaimReader(file, () => now, { info() {}, warn() {}, error() {} });
    const looked = reader.read(`Bearer ${token}`);
    expect(looked).toBeInstanceOf(Promise);
    expect(await looked).toBeUndefined();
    expect(reader.read(`Bearer ${token}`)).toBeUndefined();
    now += 60_001;
    expect(reader.read(`Bearer ${token}`)).toBeInstanceOf(Promise);
  });

  test("need keys that can be read", async () => {
    await expect(
      startRig({ policy: "callers: { tenant: { jwt-claim: sub, jwks: /nowhere/jwks.json } }\nlimits: []" }),
    ).rejects.toMatchObject({ code: "HG_JWKS_UNREADABLE" });
  });
});

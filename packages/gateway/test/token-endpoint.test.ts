import { describe, expect, test } from "vitest";
import { bearer, type Issued, issueKey, issueToken } from "./issue.ts";
import { exchangeRaw, RawConnection, statusOf } from "./raw-connection.ts";
import { startManagedRig } from "./rig.ts";

const POLICY = `
callers: { api-key: { bearer: [ex_sk_] }, token: { bearer: [ex_wt_, ex_at_] } }
credentials: managed
limits:
  - { name: account, per: [account], quota: 50, window: 1h }
  - { name: strangers, match: { authenticated: false }, per: [ip], quota: 50, window: 1h }`;

const DAY_MS = 24 * 3_600_000;

type ManagedRig = Awaited<ReturnType<typeof startManagedRig>>;

async function start(policy = POLICY): Promise<ManagedRig & { readonly issued: Issued }> {
  const rig = await startManagedRig({ policy });
  return { ...rig, issued: await issueKey(rig.control) };
}

function ask(rig: ManagedRig, secret: string, body?: unknown): Promise<Response> {
  const { authorization } = bearer(secret).headers;
  const headers = { authorization, ...(body !== undefined && { "content-type": "application/json" }) };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(`${rig.url}/v1/tokens`, { method: "POST", headers, ...(body !== undefined && { body: text }) });
}

function askByForm(
  rig: ManagedRig,
  fields: string | Record<string, string>,
  authorization?: string,
): Promise<Response> {
  const body = new URLSearchParams(fields);
  return fetch(`${rig.url}/v1/tokens`, { method: "POST", body, ...(authorization && { headers: { authorization } }) });
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

describe("POST /v1/tokens", () => {
  test("gives a token for a key: for a day, with the key's scopes", async () => {
    const rig = await start();
    const response = await ask(rig, rig.issued.secret);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const token = await response.json();
    expect(token).toEqual({
      access_token: expect.stringMatching(/^ex_at_/),
      token_type: "Bearer",
      expires_in: 86_400,
      scope: "read write",
      id: expect.stringMatching(/^tok_/),
      expires_at: new Date(rig.time.now + DAY_MS).toISOString(),
    });
    expect(rig.upstream.seen).toHaveLength(0);

    const { access_token: secret } = token as { access_token: string };
    expect((await fetch(rig.url, { method: "POST", ...bearer(secret) })).status).toBe(200);
    rig.time.now += DAY_MS;
    expect((await fetch(rig.url, bearer(secret))).status).toBe(401);
  });

  test("gives it for as long and with the scopes asked for", async () => {
    const rig = await start();
    const token = await (await ask(rig, rig.issued.secret, { for: "90s", scopes: ["write"] })).json();
    expect(token).toMatchObject({ expires_in: 90, scope: "write" });
  });

  test("gives widget tokens, which are read only and begin in their own way", async () => {
    const rig = await start();
    const token = (await (await ask(rig, rig.issued.secret, { widget: true })).json()) as Record<string, string>;
    expect(token.scope).toBe("read");
    expect(token.access_token).toMatch(/^ex_wt_/);
    const widget = bearer(token.access_token as string);
    expect((await fetch(rig.url, widget)).status).toBe(200);
    expect((await fetch(rig.url, { method: "POST", ...widget })).status).toBe(403);
  });

  test("gives widget tokens that show one actor or one target", async () => {
    const rig = await start();
    for (const [bound, others] of [
      [{ actor: "user_1" }, { target: undefined }],
      [{ target: "doc_9" }, { actor: undefined }],
    ] as const) {
      const response = await ask(rig, rig.issued.secret, { widget: true, ...bound });
      const { id, access_token: secret } = (await response.json()) as { id: string; access_token: string };
      expect(rig.control.directory.identify(secret, rig.time.now)?.widget).toEqual(bound);
      expect(await rig.control.tokens.get(id)).toMatchObject({ kind: "widget", ...bound, ...others });
    }
  });

  test("is a request like any other: counted, limited, with rate-limit headers", async () => {
    const rig = await start(POLICY.replaceAll("quota: 50", "quota: 2"));
    const { secret, key } = rig.issued;
    expect((await ask(rig, secret)).headers.get("x-ratelimit-remaining")).toBe("1");
    expect((await ask(rig, secret, "no JSON")).headers.get("x-ratelimit-remaining")).toBe("0");
    expect((await ask(rig, secret)).status).toBe(429);
    const guess = { grant_type: "client_credentials", client_id: key.id, client_secret: "guess" };
    const first = await askByForm(rig, guess);
    expect(first.status).toBe(401);
    expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
    await askByForm(rig, guess);
    expect((await askByForm(rig, guess)).status).toBe(429);
  });

  test("may be somewhere else, and for another time", async () => {
    const rig = await start(`${POLICY}\ntokens: { path: /token, for: 1h }`);
    expect((await ask(rig, rig.issued.secret)).headers.get("content-type")).toBe("application/json");
    expect(rig.upstream.seen).toHaveLength(1);
    const response = await fetch(`${rig.url}//token`, { method: "POST", ...bearer(rig.issued.secret) });
    expect(await response.json()).toMatchObject({ expires_in: 3600 });
  });

  test("is the upstream's for other methods, and where credentials are not managed", async () => {
    const rig = await start();
    expect(await (await fetch(`${rig.url}/v1/tokens`, bearer(rig.issued.secret))).json()).toEqual({ ok: true });
    const other = await start("callers: { api-key: { bearer: true } }\nlimits: []");
    expect(await (await ask(other, "any")).json()).toEqual({ ok: true });
  });

  test("may be asked by a key that can only read, for a token that can only read", async () => {
    const rig = await start();
    const { secret } = await issueKey(rig.control, { scopes: ["read"] });
    expect(await (await ask(rig, secret)).json()).toMatchObject({ scope: "read" });
    expect((await ask(rig, secret, { scopes: ["read", "write"] })).status).toBe(422);
  });

  test("takes the key as HTTP Basic too", async () => {
    const rig = await start();
    const { key, secret } = rig.issued;
    const headers = { authorization: basic(key.id, secret) };
    const response = await fetch(`${rig.url}/v1/tokens`, { method: "POST", headers });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: expect.stringMatching(/^tok_/) });
    const wrong = { authorization: basic(key.id, "wrong") };
    expect((await fetch(`${rig.url}/v1/tokens`, { method: "POST", headers: wrong })).status).toBe(401);
  });

  test("gives none to nobody, to unknown keys, and to tokens", async () => {
    const rig = await start();
    const { control, issued } = rig;
    const access = await issueToken(control, issued.key.id);
    const widget = await issueToken(control, issued.key.id, "widget");
    expect((await fetch(`${rig.url}/v1/tokens`, { method: "POST" })).status).toBe(401);
    expect((await ask(rig, "ex_sk_nobody")).status).toBe(401);
    for (const { secret } of [access, widget]) {
      const response = await ask(rig, secret);
      expect(response.status).toBe(403);
      expect(response.headers.get("x-ratelimit-remaining")).not.toBeNull();
      expect(await response.json()).toMatchObject({ code: "HG_TOKEN_NEEDS_KEY" });
    }
  });

  test("says what is wrong with a request, in problems", async () => {
    const rig = await start();
    for (const [body, status] of [
      ["no JSON", 400],
      ['{"expires_in":60}', 422],
      ['{"for":"1ms"}', 422],
      ['{"for":"9999d"}', 422],
      ['{"scopes":["admin"]}', 422],
      ['{"actor":"user_1"}', 422],
      ['{"widget":true,"actor":"user_1","target":"doc_9"}', 422],
      ['{"widget":true,"target":""}', 422],
      [`{"for":"${"1".repeat(9000)}h"}`, 413],
    ] as const) {
      const response = await ask(rig, rig.issued.secret, body);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      const code = status === 413 ? "HG_REQUEST_TOO_LARGE" : "HG_TOKEN_REQUEST";
      expect(await response.json()).toMatchObject({ status, code });
    }
  });
});

test("POST /v1/tokens/ asks for a token too: slashes at the end do not count", async () => {
  const rig = await start();
  const response = await fetch(`${rig.url}/v1/tokens//`, { method: "POST", ...bearer(rig.issued.secret) });
  expect(await response.json()).toMatchObject({ token_type: "Bearer" });
  expect((await fetch(`${rig.url}/v1/tokens2`, { method: "POST", ...bearer(rig.issued.secret) })).status).toBe(200);
  expect(rig.upstream.seen.map(({ url }) => url)).toEqual(["/v1/tokens2"]);
});

describe("client credentials", () => {
  const GRANT = { grant_type: "client_credentials" };

  test("in the form get a token as OAuth gives it", async () => {
    const rig = await start();
    const { key, secret } = rig.issued;
    const response = await askByForm(rig, { ...GRANT, client_id: key.id, client_secret: secret, scope: "read" });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("pragma")).toBe("no-cache");
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^tok_/),
      expires_at: expect.stringMatching(/Z$/),
      access_token: expect.stringMatching(/^ex_at_/),
      token_type: "Bearer",
      expires_in: 86_400,
      scope: "read",
    });
  });

  test("in HTTP Basic do too, form-encoded or not, and with the client_id said again", async () => {
    const rig = await start();
    const { key, secret } = rig.issued;
    const encoded = basic(key.id, secret.replaceAll("_", "%5F"));
    for (const authorization of [basic(key.id, secret), encoded]) {
      expect((await askByForm(rig, GRANT, authorization)).status).toBe(200);
      expect((await askByForm(rig, { ...GRANT, client_id: key.id }, authorization)).status).toBe(200);
    }
  });

  test("need not be there where the key is shown as the policy says", async () => {
    const rig = await start();
    const response = await askByForm(rig, GRANT, `Bearer ${rig.issued.secret}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("ratelimit")).toContain('"account"');
  });

  test("that are wrong are an invalid_client, and 401", async () => {
    const rig = await start();
    const { key, secret } = rig.issued;
    const other = await issueKey(rig.control);
    const token = await issueToken(rig.control, key.id);
    for (const authorization of [
      basic(key.id, "wrong"),
      basic(other.key.id, secret),
      basic("key_none", secret),
      basic("", secret),
      "Basic %%%",
      "Basic",
    ]) {
      const response = await askByForm(rig, GRANT, authorization);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Basic/);
      expect(await response.json()).toMatchObject({ error: "invalid_client" });
    }
    expect((await askByForm(rig, GRANT)).status).toBe(401);
    const byToken = await askByForm(rig, GRANT, basic(token.token.id, token.secret));
    expect(await byToken.json()).toMatchObject({ error: "unauthorized_client" });
    await rig.control.keys.revoke(key.id, "test");
    expect((await askByForm(rig, GRANT, basic(key.id, secret))).status).toBe(401);
  });

  test("shown in two ways are an invalid request", async () => {
    const rig = await start();
    const { key, secret } = rig.issued;
    const inForm = { ...GRANT, client_id: key.id, client_secret: secret };
    for (const authorization of [basic(key.id, secret), `Bearer ${secret}`]) {
      const response = await askByForm(rig, inForm, authorization);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: "invalid_request" });
    }
  });

  test("with a form that cannot be met get an error as OAuth says it", async () => {
    const rig = await start();
    for (const [form, error] of [
      ["grant_type=password", "unsupported_grant_type"],
      ["grant_type=client_credentials&scope=admin", "invalid_scope"],
    ] as const) {
      const response = await askByForm(rig, form, `Bearer ${rig.issued.secret}`);
      expect(response.status).toBe(400);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.json()).toMatchObject({ error });
    }
  });

  test("of a suspended account get its 403", async () => {
    const rig = await start();
    const { account, key, secret } = rig.issued;
    await rig.control.suspensions.suspend({ caller: "account", value: account.id, reason: "a test" }, "test");
    expect((await askByForm(rig, GRANT, basic(key.id, secret))).status).toBe(403);
  });

  test("reach no log, and fields nobody knows change nothing", async () => {
    const rig = await start();
    const { key, secret } = rig.issued;
    const form = { ...GRANT, client_id: key.id, client_secret: secret, audience: "all" };
    expect((await askByForm(rig, form)).status).toBe(200);
    expect((await askByForm(rig, { ...form, client_secret: "wrong-secret" })).status).toBe(401);
    const log = JSON.stringify(rig.log);
    expect(log).not.toContain(secret);
    expect(log).not.toContain("wrong-secret");
  });
});

describe("a body for a token", () => {
  test("is waited for with a 100 Continue, also in chunks, and the connection stays", async () => {
    const rig = await start();
    const connection = new RawConnection(rig.port);
    const head = `POST /v1/tokens HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${rig.issued.secret}\r\n`;
    connection.send(`${head}Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n`);
    await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    connection.send('{"for": "60s"');
    connection.send(`${head}Connection: close\r\n\r\n`);
    const text = await connection.untilClosed();
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["100", "400", "200"]);
  });

  test("that is too long is not read, however it comes", async () => {
    const rig = await start();
    const head = `POST /v1/tokens HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer ${rig.issued.secret}\r\n`;
    const long = `${head}Expect: 100-continue\r\nContent-Length: 10000000\r\n\r\n`;
    expect(statusOf(await exchangeRaw(rig.port, long))).toBe(413);
    const chunk = `2000\r\n${"x".repeat(0x2000)}\r\n1\r\nx\r\n0\r\n\r\n`;
    expect(statusOf(await exchangeRaw(rig.port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`))).toBe(413);
  });
});

test("a key that has as many tokens as it may have gets no more: 409, as a problem or as OAuth says it", async () => {
  const rig = await start();
  const { key, secret } = rig.issued;
  await issueToken(rig.control, key.id);
  const { storage, directory } = rig.control;
  const [row] = await storage.read(storage.build.selectFrom("tokens").selectAll().compile());
  if (!row) throw new Error("it is not on record");
  for (let n = 1; n < 10_000; n += 1) {
    const id = `${row.id}_${n}`;
    directory.put("token", id, { ...row, id, secret_hash: id }, rig.time.now);
  }
  const refused = await ask(rig, secret);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: "HG_TOKENS_TOO_MANY" });
  const byForm = await askByForm(rig, { grant_type: "client_credentials", client_id: key.id, client_secret: secret });
  expect(byForm.status).toBe(400);
  expect(await byForm.json()).toMatchObject({ error: "invalid_request" });
  expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
});

test("while the database is away there are no tokens: 503 and when to try again", async () => {
  const rig = await start();
  const { key, secret } = rig.issued;
  await rig.control.storage.close();
  const response = await ask(rig, secret);
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ code: "HG_TOKENS_UNAVAILABLE" });
  const form = { grant_type: "client_credentials", client_id: key.id, client_secret: secret };
  const byForm = await askByForm(rig, form);
  expect(byForm.status).toBe(503);
  expect(byForm.headers.get("retry-after")).toBe("1");
  expect(await byForm.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
});

import { MemoryStore } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { ManagedCallers } from "../src/managed-callers.ts";
import { bearer, issueKey, issueToken } from "./issue.ts";
import { exchangeRaw, RawConnection, statusOf } from "./raw-connection.ts";
import { startManagedRig, startRig } from "./rig.ts";

const POLICY = `
callers:
  api-key: { bearer: hg_sk_ }
  token: { header: x-token }
credentials: managed
limits:
  - { name: key, per: [api-key], quota: 5, window: 1m, plans: { pro: { quota: 50 } } }
  - { name: account, per: [account], quota: 8, window: 1m }
  - { name: strangers, match: { authenticated: false }, per: [ip], quota: 3, window: 1m }
responses: { headers: { style: both } }`;

const used = (response: Response): string | null => response.headers.get("ratelimit");

describe("credentials: managed", () => {
  test("a key on record passes, and is counted by its id and its account's", async () => {
    const partitions: string[] = [];
    const store = new SpyStore(partitions);
    const rig = await startManagedRig({ policy: POLICY, store });
    const { secret, key, account } = await issueKey(rig.control);
    const response = await fetch(rig.url, bearer(secret));
    expect(response.status).toBe(200);
    expect(used(response)).toContain('"key";r=4');
    expect(used(response)).toContain('"account";r=7');
    expect(new Set(partitions)).toEqual(new Set([key.id, account.id]));
  });

  test("two keys of one account are independent where keys are counted, and share where accounts are", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const first = await issueKey(rig.control);
    const second = await issueKey(rig.control, { account: first.account });
    await fetch(rig.url, bearer(first.secret));
    const response = await fetch(rig.url, bearer(second.secret));
    expect(used(response)).toContain('"key";r=4');
    expect(used(response)).toContain('"account";r=6');
  });

  test("more tokens are no more of a key's quota, and widget tokens use up none of it", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { key, secret } = await issueKey(rig.control);
    for (const [kind, remaining] of [
      ["access", 4],
      ["access", 3],
      ["widget", 4],
      ["widget", 3],
    ] as const) {
      const token = await issueToken(rig.control, key.id, kind);
      expect(used(await fetch(rig.url, bearer(token.secret)))).toContain(`"key";r=${remaining}`);
    }
    expect(used(await fetch(rig.url, bearer(secret)))).toContain('"key";r=2');
  });

  test("an access token counts as its key where tokens are read, too, and a widget token does not", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { key } = await issueKey(rig.control);
    const ask = async (kind: "access" | "widget"): Promise<string | null> => {
      const { secret } = await issueToken(rig.control, key.id, kind);
      return used(await fetch(rig.url, { headers: { "x-token": secret } }));
    };
    expect(await ask("access")).toContain('"key";r=4');
    expect(await ask("access")).toContain('"key";r=3');
    expect(await ask("widget")).not.toContain('"key"');
  });

  test("a value too long to be a credential is refused like any that is not one", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    expect((await fetch(rig.url, { headers: { "x-token": "a".repeat(5000) } })).status).toBe(401);
    expect((await fetch(rig.url, bearer("a".repeat(5000)))).status).toBe(401);
  });

  test("a request without a credential is an anonymous one, and goes on", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const response = await fetch(rig.url);
    expect(response.status).toBe(200);
    expect(used(response)).toContain('"strangers";r=2');
  });

  test.each([
    ["mistyped", async () => "hg_sk_typo"],
    ["unknown", async () => `hg_sk_${"0".repeat(49)}`],
  ])("a key that is %s gets the policy's 401, with rate-limit headers, counted for its address", async (_, made) => {
    const rig = await startManagedRig({ policy: POLICY });
    const response = await fetch(rig.url, bearer(await made()));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ status: 401 });
    expect(response.headers.get("x-ratelimit-remaining")).toBe("2");
    expect(used(response)).not.toContain('"key"');
    expect(rig.upstream.seen).toHaveLength(0);
    await fetch(rig.url, bearer("hg_sk_a"));
    await fetch(rig.url, bearer("hg_sk_b"));
    const limited = await fetch(rig.url, bearer("hg_sk_c"));
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toBe("60");
  });

  test("a revoked key is refused on the very next request", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { key, secret } = await issueKey(rig.control);
    expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
    await rig.control.keys.revoke(key.id, "test");
    expect((await fetch(rig.url, bearer(secret))).status).toBe(401);
  });

  test("a key that has expired is refused", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { secret } = await issueKey(rig.control, { expiresAt: rig.time.now + 10_000 });
    rig.time.now += 9_999;
    expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
    rig.time.now += 1;
    expect((await fetch(rig.url, bearer(secret))).status).toBe(401);
  });

  test("an expired token counts as unauthenticated, a fresh one does not", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { key } = await issueKey(rig.control);
    const send = (secret: string): Promise<Response> => fetch(rig.url, { headers: { "x-token": secret } });
    const old = await issueToken(rig.control, key.id);
    expect(used(await send(old.secret))).not.toContain("strangers");
    rig.time.now += 24 * 3_600_000;
    const expired = await send(old.secret);
    expect(expired.status).toBe(401);
    expect(used(expired)).toContain('"strangers";r=2');
    const fresh = await issueToken(rig.control, key.id);
    const response = await send(fresh.secret);
    expect(response.status).toBe(200);
    expect(used(response)).toContain('"account";r=7');
    expect(used(response)).not.toContain("strangers");
  });

  test("an account is whose the credential is, whatever a request claims", async () => {
    const { control, time } = await startManagedRig();
    const { account, secret } = await issueKey(control);
    const callers = new ManagedCallers(control.directory);
    const claimed = { ip: "192.0.2.1", account: "acc_other" };
    expect(callers.know(claimed, time.now)?.callers).toEqual({ ip: "192.0.2.1" });
    const known = callers.know({ ...claimed, "api-key": secret }, time.now);
    expect(known?.callers.account).toBe(account.id);
  });

  test("other callers are read as ever", async () => {
    const rig = await startManagedRig({
      policy: `
callers: { api-key: { bearer: true }, tenant: { header: x-tenant } }
credentials: managed
limits: [{ name: tenant, per: [tenant], quota: 5, window: 1m }]`,
    });
    const { secret } = await issueKey(rig.control);
    const response = await fetch(rig.url, { headers: { ...bearer(secret).headers, "x-tenant": "blue" } });
    expect(used(response)).toContain('"tenant";r=4');
  });

  test("credentials of two accounts are a contradiction: 400", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const one = await issueKey(rig.control);
    const other = await issueKey(rig.control);
    const token = await issueToken(rig.control, other.key.id);
    const response = await fetch(rig.url, { headers: { ...bearer(one.secret).headers, "x-token": token.secret } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "HG_REQUEST_CALLER" });
  });

  test("two credentials of one account are both counted", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { key, secret } = await issueKey(rig.control);
    const token = await issueToken(rig.control, key.id);
    const response = await fetch(rig.url, { headers: { ...bearer(secret).headers, "x-token": token.secret } });
    expect(response.status).toBe(200);
    expect(rig.upstream.seen[0]?.headers["x-headgate-credential"]).toBe(key.id);
  });

  test("one invalid credential is enough to be refused, and nobody else pays for it", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { secret } = await issueKey(rig.control);
    const response = await fetch(rig.url, { headers: { ...bearer(secret).headers, "x-token": "hg_at_no" } });
    expect(response.status).toBe(401);
    expect(used(response)).toContain('"strangers";r=2');
    expect(used(response)).not.toContain('"key"');
  });

  test("without records a managed policy knows nobody", async () => {
    const rig = await startRig({ policy: POLICY });
    expect((await fetch(rig.url, bearer("hg_sk_any"))).status).toBe(401);
    expect((await fetch(rig.url)).status).toBe(200);
  });

  test("a 401 is charged where the policy charges 401s, and given back where it refunds them", async () => {
    const rig = await startManagedRig({
      policy: `
callers: { api-key: { bearer: true } }
credentials: managed
limits:
  - { name: failures, per: [ip], quota: 2, window: 1m, charge: { status: [401] } }
  - { name: calls, per: [ip], quota: 9, window: 1m, refund: { status: [401] } }`,
    });
    const { secret } = await issueKey(rig.control);
    expect(used(await fetch(rig.url, bearer(secret)))).toContain('"failures";r=2');
    const refused = await fetch(rig.url, bearer("nobody"));
    expect(used(refused)).toContain('"failures";r=1');
    expect(used(refused)).toContain('"calls";r=8');
    await fetch(rig.url, bearer("nobody"));
    expect((await fetch(rig.url, bearer("nobody"))).status).toBe(429);
  });

  test("secrets reach neither the log nor a partition key", async () => {
    const partitions: string[] = [];
    const rig = await startManagedRig({ policy: POLICY, store: new SpyStore(partitions) });
    const { key, secret } = await issueKey(rig.control);
    const token = await issueToken(rig.control, key.id);
    await fetch(rig.url, bearer(secret));
    await fetch(rig.url, { headers: { "x-token": token.secret } });
    for (let i = 0; i < 5; i++) await fetch(rig.url, bearer(`hg_sk_guess${i}`));
    await rig.control.keys.revoke(key.id, "test");
    await fetch(`${rig.url}/?key=${secret}`, bearer(secret));
    const noted = JSON.stringify([partitions, rig.log]);
    expect(noted).not.toContain(secret);
    expect(noted).not.toContain(token.secret);
    expect(noted).not.toContain("guess");
  });
});

describe("a plan and an override", () => {
  test("hold from the next request on, and what was used stays used", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { account, key, secret } = await issueKey(rig.control);
    const remaining = async (): Promise<string | null> => used(await fetch(rig.url, bearer(secret)));
    expect(await remaining()).toContain('"key";r=4');
    await rig.control.accounts.update(account.id, { plan: "pro" }, "test");
    expect(await remaining()).toContain('"key";r=48');
    const subject = { type: "key", id: key.id } as const;
    await rig.control.overrides.set({ subject, limit: "key", change: { kind: "quota", quota: 100 } }, "test");
    expect(await remaining()).toContain('"key";r=97');
    await rig.control.overrides.set(
      { subject: { type: "account", id: account.id }, limit: "account", change: { kind: "unlimited" } },
      "test",
    );
    expect(await remaining()).not.toContain('"account"');
  });

  test("end when the override does", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { key, secret } = await issueKey(rig.control);
    await rig.control.overrides.set(
      {
        subject: { type: "key", id: key.id },
        limit: "key",
        change: { kind: "factor", factor: 2 },
        expiresAt: rig.time.now + 1000,
      },
      "test",
    );
    expect(used(await fetch(rig.url, bearer(secret)))).toContain('"key";r=9');
    rig.time.now += 1000;
    expect(used(await fetch(rig.url, bearer(secret)))).toContain('"key";r=3');
  });

  test("`plan` in match means the account's", async () => {
    const rig = await startManagedRig({
      policy: `
callers: { api-key: { bearer: true } }
credentials: managed
limits: [{ name: pro, match: { plan: pro, authenticated: true }, per: [account], quota: 7, window: 1m }]`,
    });
    const pro = await issueKey(rig.control, { plan: "pro" });
    const other = await issueKey(rig.control);
    expect(used(await fetch(rig.url, bearer(pro.secret)))).toContain('"pro";r=6');
    expect(used(await fetch(rig.url, bearer(other.secret)))).toBeNull();
  });
});

describe("scopes", () => {
  const policy = `
callers: { api-key: { bearer: true } }
credentials: managed
limits: [{ name: account, per: [account], quota: 9, window: 1m }]`;

  test("without `write` a credential can only read", async () => {
    const rig = await startManagedRig({ policy });
    const { key } = await issueKey(rig.control);
    const widget = await issueToken(rig.control, key.id, "widget");
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      expect((await fetch(rig.url, { method, ...bearer(widget.secret) })).status).toBe(200);
    }
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const response = await fetch(rig.url, { method, ...bearer(widget.secret) });
      expect(response.status).toBe(403);
      expect(response.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope", scope="write"');
      expect(await response.json()).toMatchObject({ code: "HG_REQUEST_SCOPE" });
    }
    expect(rig.upstream.seen).toHaveLength(3);
    expect(used(await fetch(rig.url, bearer(widget.secret)))).toContain('"account";r=1');
  });

  test("without `read` it can only write", async () => {
    const rig = await startManagedRig({ policy });
    const { secret } = await issueKey(rig.control, { scopes: ["write", "reports"] });
    expect((await fetch(rig.url, { method: "POST", body: "x", ...bearer(secret) })).status).toBe(200);
    const response = await fetch(rig.url, bearer(secret));
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toContain('scope="read"');
    expect(response.headers.get("x-ratelimit-remaining")).toBe("7");
  });
});

describe("a refused request leaves its connection in order", () => {
  const INVALID = "Authorization: Bearer hg_sk_no\r\n";

  test("kept alive, with a body that nobody reads", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { secret } = await issueKey(rig.control);
    const connection = new RawConnection(rig.port);
    connection.send(`POST / HTTP/1.1\r\nHost: h\r\n${INVALID}Content-Length: 5\r\n\r\nhello`);
    expect(statusOf(await connection.until(/\}$/))).toBe(401);
    connection.send(`GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer ${secret}\r\n\r\n`);
    expect(await connection.untilClosed()).toMatch(/HTTP\/1\.1 200/);
  });

  test("pipelined", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { secret } = await issueKey(rig.control);
    const valid = `GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${secret}\r\n`;
    const invalid = `GET / HTTP/1.1\r\nHost: h\r\n${INVALID}`;
    const text = await exchangeRaw(rig.port, `${valid}\r\n${invalid}\r\n${valid}Connection: close\r\n\r\n`);
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "401", "200"]);
  });

  test("that waits for a 100 Continue is not told to", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const head = `POST / HTTP/1.1\r\nHost: h\r\n${INVALID}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`;
    const text = await exchangeRaw(rig.port, head);
    expect(statusOf(text)).toBe(401);
    expect(text).toMatch(/^Connection: close\r$/im);
  });

  test("that wants to switch protocols", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const head = `GET / HTTP/1.1\r\nHost: h\r\n${INVALID}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    const text = await exchangeRaw(rig.port, head);
    expect(statusOf(text)).toBe(401);
    expect(text).toMatch(/^X-RateLimit-Remaining: 2\r$/im);
    expect(rig.upstream.seen).toHaveLength(0);
  });
});

/** Notes every partition that is asked about. */
class SpyStore extends MemoryStore {
  readonly #partitions: string[];

  constructor(partitions: string[]) {
    super({ maxPartitions: 1000 });
    this.#partitions = partitions;
  }

  override consume(...[claims, now]: Parameters<MemoryStore["consume"]>): ReturnType<MemoryStore["consume"]> {
    this.#partitions.push(...claims.map(({ partition }) => partition));
    return super.consume(claims, now);
  }

  override charge(...[claims, now]: Parameters<MemoryStore["charge"]>): ReturnType<MemoryStore["charge"]> {
    this.#partitions.push(...claims.map(({ partition }) => partition));
    return super.charge(claims, now);
  }
}

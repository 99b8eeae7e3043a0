import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import { bearer, issueKey, issueToken } from "./issue.ts";
import { exchangeRaw } from "./raw-connection.ts";
import { startManagedRig, startRig } from "./rig.ts";

const POLICY = `
callers: { api-key: { bearer: true } }
credentials: managed
limits: []`;

function identityOf(headers: IncomingHttpHeaders | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => name.includes("headgate")));
}

describe("the upstream is told", () => {
  test("account, credential, plan and scopes of who calls", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { account, key, secret } = await issueKey(rig.control, { plan: "pro", scopes: ["read", "write", "reports"] });
    await fetch(rig.url, bearer(secret));
    expect(identityOf(rig.upstream.seen[0]?.headers)).toEqual({
      "x-headgate-account": account.id,
      "x-headgate-credential": key.id,
      "x-headgate-plan": "pro",
      "x-headgate-scopes": "read write reports",
    });
  });

  test("a token's own id and scopes, and no plan where there is none", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { account, key } = await issueKey(rig.control);
    const { token, secret } = await issueToken(rig.control, key.id, "widget");
    await fetch(rig.url, bearer(secret));
    expect(identityOf(rig.upstream.seen[0]?.headers)).toEqual({
      "x-headgate-account": account.id,
      "x-headgate-credential": token.id,
      "x-headgate-scopes": "read",
    });
  });

  test("a plan's name percent-encoded where a header could not hold it", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { secret } = await issueKey(rig.control, { plan: "größer プロ" });
    expect((await fetch(rig.url, bearer(secret))).status).toBe(200);
    expect(rig.upstream.seen[0]?.headers["x-headgate-plan"]).toBe(encodeURIComponent("größer プロ"));
  });

  test("nothing of a stranger", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    await fetch(rig.url);
    expect(identityOf(rig.upstream.seen[0]?.headers)).toEqual({});
  });
});

describe("what a client says in their place is dropped", () => {
  const spoofed =
    "X-Headgate-Account: acc_1\r\nx-hEADGATE-plan: pro\r\nX_Headgate_Scopes: write\r\nX.Headgate~Scopes: write\r\nX-Headgate-Other: 1\r\n";

  test.each(["presented", "upstream", "managed"])("under credentials: %s", async (credentials) => {
    const rig = await startManagedRig({
      policy: `
callers: { api-key: { bearer: true } }
credentials: ${credentials}
limits: [{ name: spoof, match: { headers: { x-headgate-plan: pro } }, per: [], quota: 1, window: 1m }]`,
    });
    const text = await exchangeRaw(rig.port, `GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${spoofed}\r\n`);
    expect(identityOf(rig.upstream.seen[0]?.headers)).toEqual({});
    expect(text).not.toMatch(/ratelimit/i);
  });

  test("and stays dropped where Connection declares it", async () => {
    const rig = await startManagedRig({ policy: POLICY });
    const { account, secret } = await issueKey(rig.control);
    const head = `Host: h\r\nAuthorization: Bearer ${secret}\r\nConnection: close, x-headgate-account\r\n`;
    await exchangeRaw(rig.port, `GET / HTTP/1.1\r\n${head}${spoofed}\r\n`);
    expect(rig.upstream.seen[0]?.headers["x-headgate-account"]).toBe(account.id);
    expect(rig.upstream.seen[0]?.headers).not.toHaveProperty("x-headgate-other");
  });

  test("also on the way into a tunnel", async () => {
    const rig = await startRig();
    const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    await exchangeRaw(rig.port, `GET / HTTP/1.1\r\nHost: h\r\n${upgrade}${spoofed}\r\n`);
    expect(identityOf(rig.upstream.seen[0]?.headers)).toEqual({});
  });
});

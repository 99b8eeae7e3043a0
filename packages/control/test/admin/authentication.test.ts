import { describe, expect, test } from "vitest";
import { startRig, TOKEN } from "./rig.ts";

const bearer = (token: string): { headers: { authorization: string } } => ({
  headers: { authorization: `Bearer ${token}` },
});

describe("the admin token", () => {
  test.each([
    ["missing", ""],
    ["wrong", "Bearer wrong"],
    ["cut short", `Bearer ${TOKEN.slice(0, -1)}`],
    ["longer", `Bearer ${TOKEN}x`],
    ["empty", "Bearer "],
    ["of another scheme", `Basic ${TOKEN}`],
    ["followed by more", `Bearer ${TOKEN} x`],
    ["very long", `Bearer ${"x".repeat(8_000)}`],
  ])("that is %s gets a problem with a challenge", async (_kind, authorization) => {
    const rig = await startRig();
    for (const [method, path] of [
      ["GET", "accounts"],
      ["POST", "accounts"],
      ["GET", "openapi.json"],
    ] as const) {
      const { status, headers, body } = await rig.call(method, path, { headers: { authorization } });
      expect([status, body.code]).toEqual([401, "HG_ADMIN_TOKEN"]);
      expect(headers["www-authenticate"]).toMatch(/^Bearer realm="headgate"/);
      expect(headers["content-type"]).toBe("application/problem+json");
    }
    expect(await rig.auditEntries()).toBe(0);
  });

  test("is asked for before anyone is told which paths there are", async () => {
    const rig = await startRig();
    for (const path of ["/admin/v1", "/admin/v1/", "/admin/v1/nothing", "/admin/v1/accounts/a/b/c"]) {
      expect((await rig.call("GET", path, bearer("wrong"))).status).toBe(401);
    }
    expect((await rig.call("PUT", "accounts", bearer("x"))).status).toBe(401);
  });

  test("that is wrong ten times a minute from an address is limited there; the right one never is", async () => {
    const rig = await startRig();
    const from = (remoteAddress: string, token: string) =>
      rig.app.inject({ url: "/admin/v1/accounts", remoteAddress, ...bearer(token) });
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) statuses.push((await from("192.0.2.1", `guess ${i}`)).statusCode);
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const limited = await from("192.0.2.1", "again");
    expect(limited.headers["retry-after"]).toBe("60");
    expect(limited.json()).toMatchObject({ status: 429, code: "HG_ADMIN_LIMITED" });

    expect((await from("192.0.2.1", TOKEN)).statusCode).toBe(200);
    expect((await from("192.0.2.2", "guess")).statusCode).toBe(401);
    rig.time.now += 59_000;
    expect((await from("192.0.2.1", "guess")).statusCode).toBe(429);
    rig.time.now += 1_000;
    expect((await from("192.0.2.1", "guess")).statusCode).toBe(401);
  });

  test("is guessed at by a whole IPv6 network as by one address", async () => {
    const rig = await startRig();
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) {
      const remoteAddress = `2001:db8::${i}`;
      statuses.push((await rig.app.inject({ url: "/admin/v1/accounts", remoteAddress })).statusCode);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  test("is never in the log, right or wrong; nor are bodies and secrets", async () => {
    const rig = await startRig();
    await rig.call("GET", "accounts", bearer("a-wrong-guess"));
    await rig.make("accounts", { name: "a-private-name" });
    const { id, secret } = await rig.make("keys", { account: "a-private-name", name: "a-private-key" });
    const log = JSON.stringify(rig.log);
    for (const text of [TOKEN, "a-wrong-guess", secret, "a-private-key", "a-private-name"])
      expect(log).not.toContain(text);
    expect(rig.log).toMatchObject([
      { level: "warn", event: "admin-token-refused" },
      { event: "admin-change", operation: "createAccount" },
      { event: "admin-change", operation: "createKey", record: id, actor: "admin", status: 201 },
    ]);
  });
});

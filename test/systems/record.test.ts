import { describe, expect, test } from "vitest";
import { type Administered, bearer, type Issued, issueKey, issueToken } from "./admin.ts";
import { policyFile, serve, startUpstream } from "./harness.ts";

describe("what the upstream is told", () => {
  const forged = { "X-Headgate-Account": "acc_1", x_headgate_plan: "standard", "X-Headgate-Admin": "yes" };

  test("is whose the credential is, and nothing of what the caller says of itself", async () => {
    const upstream = await startUpstream();
    const gate = await serve(policyFile("keymint"), upstream.url);
    const { id: account } = await gate.admin("POST", "/accounts", { name: "Acme", plan: "startup" });
    const key = await issueKey(gate, "Acme", { scopes: ["read", "licences"] });
    await fetch(`${gate.url}/key`, { headers: { ...bearer(key), ...forged } });
    await fetch(`${gate.url}/key`, { headers: forged });

    await expect.poll(() => upstream.received.length).toBe(2);
    const [known, stranger] = upstream.received.map(({ headers }) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => /headgate/i.test(name))),
    );
    expect(known).toEqual({
      "x-headgate-account": account,
      "x-headgate-credential": key.id,
      "x-headgate-plan": "startup",
      "x-headgate-scopes": "read licences",
    });
    expect(stranger).toEqual({});
  });
});

describe("a key that is revoked", () => {
  const places = [
    { place: "as a bearer token", policy: "prolifi", path: "/events", headers: bearer },
    {
      place: "in a header",
      policy: "initial-state",
      path: "/api/events",
      headers: ({ secret }: Issued) => ({ "x-is-accesskey": secret }),
    },
    {
      place: "in the query",
      policy: "initial-state",
      path: "/api/events",
      query: ({ secret }: Issued) => `?accessKey=${secret}`,
    },
  ];
  test.each(places)("is refused on the very next request, $place", async ({ policy, path, headers, query }) => {
    const upstream = await startUpstream();
    const gate = await serve(policyFile(policy), upstream.url);
    const [key, other] = [await issueKey(gate), await issueKey(gate)];
    const call = (by: Issued): Promise<Response> =>
      fetch(`${gate.url}${path}${query?.(by) ?? ""}`, { headers: headers?.(by) ?? {} });

    expect((await call(key)).status).toBe(200);
    await gate.admin("POST", `/keys/${key.id}/revoke`);
    expect((await call(key)).status).toBe(401);
    expect((await call(other)).status).toBe(200);
  });

  test("takes its tokens along", async () => {
    const upstream = await startUpstream();
    const gate = await serve(policyFile("logproof"), upstream.url);
    const key = await issueKey(gate);
    const token = await issueToken(gate, key.id, { widget: true });
    const call = (): Promise<Response> => fetch(`${gate.url}/v1/widget/events`, { headers: bearer(token) });

    expect((await call()).status).toBe(200);
    await gate.admin("POST", `/keys/${key.id}/revoke`);
    expect((await call()).status).toBe(401);
  });
});

describe("on the same data folder", () => {
  const statusOf = async (url: string, key: Issued): Promise<number> =>
    (await fetch(`${url}/customers`, { headers: bearer(key) })).status;

  test("keys and suspensions are there again after a restart", async () => {
    const upstream = await startUpstream();
    const before = await serve(policyFile("prolifi"), upstream.url);
    const [key, revoked] = [await issueKey(before, "Acme"), await issueKey(before, "Acme")];
    const suspended = await issueKey(before, "Other");
    await before.admin("POST", `/keys/${revoked.id}/revoke`);
    await before.admin("POST", "/suspensions", { account: "Other", reason: "unpaid" });
    process.kill(before.pid, "SIGTERM");
    expect(await before.exited).toBe(0);

    const { url, admin } = await serve(policyFile("prolifi"), upstream.url, { data: before.data });
    expect(await statusOf(url, key)).toBe(200);
    expect(await statusOf(url, revoked)).toBe(401);
    expect(await statusOf(url, suspended)).toBe(403);
    await admin("POST", "/accounts/Other/lift");
    expect(await statusOf(url, suspended)).toBe(200);
  });

  test("every change that was answered is there after crashes amid changes, and the audit is whole", async () => {
    const upstream = await startUpstream();
    const fates: Fates = new Map();
    let gate = await serve(policyFile("prolifi"), upstream.url);
    await gate.admin("POST", "/accounts", { name: "Acme" });
    for (let crashes = 0; crashes < 3; crashes++) {
      const { admin, data, crash } = gate;
      const answered = fates.size;
      const changing = Array.from({ length: 8 }, () => changeKeys(admin, fates));
      await expect.poll(() => fates.size, { interval: 1, timeout: 10_000 }).toBeGreaterThan(answered + 40);
      await crash();
      await Promise.all(changing);

      gate = await serve(policyFile("prolifi"), upstream.url, { data });
      for (const [secret, fate] of fates) {
        const status = await statusOf(gate.url, { id: "", secret });
        if (fate !== "unanswered") expect([fate, status]).toEqual([fate, fate === "created" ? 200 : 401]);
      }
      expect(await gate.admin("GET", "/audit/verify")).toMatchObject({ valid: true });
    }
    expect([...fates.values()]).toEqual(expect.arrayContaining(["created", "revoked"]));
  });
});

/** What the last answer about each key was, by its secret; whether the revocation that followed took place is open. */
type Fates = Map<string, "created" | "revoked" | "unanswered">;

/** Creates keys, and revokes every other one, until the server is gone. */
async function changeKeys(admin: Administered["admin"], fates: Fates): Promise<void> {
  try {
    for (let made = 1; ; made++) {
      const { id, secret } = await admin<Issued>("POST", "/keys", { account: "Acme" });
      fates.set(secret, "created");
      if (made % 2 > 0) continue;
      fates.set(secret, "unanswered");
      await admin("POST", `/keys/${id}/revoke`);
      fates.set(secret, "revoked");
    }
  } catch (error) {
    // What fetch throws when the connection is lost.
    if (!(error instanceof TypeError)) throw error;
  }
}

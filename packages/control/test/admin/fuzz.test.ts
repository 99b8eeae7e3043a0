import fc from "fast-check";
import { expect, test } from "vitest";
import { type Method, startRig } from "./rig.ts";

const ENDPOINTS: readonly [Method, string, readonly string[]][] = [
  ["POST", "accounts", ["name", "plan"]],
  ["PATCH", "accounts/a", ["name", "plan"]],
  ["POST", "accounts/a/lift", []],
  ["POST", "keys", ["account", "name", "prefix", "scopes", "expires_in", "expires_at"]],
  ["PATCH", "keys/KEY", ["name", "scopes", "expires_in", "expires_at"]],
  ["POST", "keys/KEY/rotate", ["overlap"]],
  ["POST", "keys/KEY/revoke", []],
  ["POST", "tokens", ["key", "widget", "actor", "target", "for", "scopes"]],
  ["POST", "tokens/TOKEN/revoke", []],
  ["POST", "overrides", ["account", "key", "limit", "quota", "factor", "unlimited", "for", "expires_at", "reason"]],
  ["POST", "suspensions", ["account", "key", "token", "ip", "reason", "for"]],
  ["POST", "suspensions/SUS/lift", []],
  ["POST", "usage/reset", ["account", "key", "token", "ip", "limit"]],
];

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom(
    "a",
    "writes",
    "1h",
    "0s",
    "999999999999d",
    "2031-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "192.0.2.1",
  ),
);
const value = fc.oneof(
  text,
  fc.array(fc.oneof(text, fc.constantFrom("read", "write"))),
  fc.double(),
  fc.integer({ min: -10, max: 1000 }),
  fc.constantFrom(true, false, null, 2 ** 60),
  fc.jsonValue(),
);

const POLICY =
  "callers: { api-key: { bearer: true } }\ncredentials: managed\nlimits: [{ name: writes, per: account, quota: 5, window: 1m }]";

test("random JSON is never a server's error, changes all or nothing, and leaves one entry in the audit where it does", async () => {
  const rig = await startRig({ policy: POLICY });
  await rig.make("accounts", { name: "a" });
  const key = await rig.make("keys", { account: "a" });
  const token = await rig.make("tokens", { key: key.id });
  const sus = await rig.make("suspensions", { account: "a", reason: "why" });
  const endpoint = fc.constantFrom(...ENDPOINTS).chain(([method, path, fields]) => {
    const known = fc.record(Object.fromEntries(fields.map((name) => [name, value])), { requiredKeys: [] });
    const body = fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: fc.jsonValue() });
    return fc.record({ method: fc.constant(method), path: fc.constant(path), body });
  });
  await fc.assert(
    fc.asyncProperty(endpoint, async ({ method, path, body }) => {
      const at = path.replace("KEY", key.id).replace("TOKEN", token.id).replace("SUS", sus.id);
      const before = (await rig.control.audit.list({}, { limit: 1 })).items[0]?.seq ?? 0;
      const { status } = await rig.call(method, at, { body });
      const after = (await rig.control.audit.list({}, { limit: 1 })).items[0]?.seq ?? 0;
      expect(status).toBeLessThan(500);
      if (status >= 400) expect(after).toBe(before);
      else expect(after - before).toBeLessThanOrEqual(1);
    }),
    { numRuns: 600 },
  );
  expect(await rig.control.audit.verify()).toMatchObject({ isValid: true });
}, 60_000);

import { describe, expect, test } from "vitest";
import { type Rig, startRig } from "./rig.ts";

/** A change of each kind, of a record whose version is 1. */
const CHANGES: readonly [string, (rig: Rig) => Promise<Parameters<Rig["call"]>>][] = [
  ["renaming an account", async () => ["PATCH", "accounts/a", { body: { name: "b" } }]],
  ["changing a key", async (rig) => ["PATCH", `keys/${await key(rig)}`, { body: { name: "n" } }]],
  ["rotating a key", async (rig) => ["POST", `keys/${await key(rig)}/rotate`, { body: {} }]],
  ["revoking a key", async (rig) => ["POST", `keys/${await key(rig)}/revoke`, { body: {} }]],
  ["revoking a token", async (rig) => ["POST", `tokens/${await token(rig)}/revoke`, { body: {} }]],
  ["replacing an override", async (rig) => after(await override(rig), ["POST", "overrides", { body: OVERRIDE }])],
  ["removing an override", async (rig) => ["DELETE", `overrides/${await override(rig)}`, {}]],
  ["lifting a suspension", async (rig) => ["POST", `suspensions/${await suspension(rig)}/lift`, { body: {} }]],
  ["lifting an account's", async (rig) => after(await suspension(rig), ["POST", "accounts/a/lift", { body: {} }])],
];

function after(_made: string, call: Parameters<Rig["call"]>): Parameters<Rig["call"]> {
  return call;
}

const OVERRIDE = { account: "a", limit: "writes", quota: 5 };
const key = async (rig: Rig): Promise<string> => (await rig.make("keys", { account: "a" })).id;
const token = async (rig: Rig): Promise<string> => (await rig.make("tokens", { key: await key(rig) })).id;
const override = async (rig: Rig): Promise<string> => (await rig.make("overrides", OVERRIDE)).id;
const suspension = async (rig: Rig): Promise<string> =>
  (await rig.make("suspensions", { account: "a", reason: "abuse" })).id;

const REFUSED: readonly [header: string, status: number][] = [
  ['"2"', 412],
  ['W/"1"', 412],
  ['"abc"', 412],
  ["1", 400],
  ['"1', 400],
  ["", 400],
];

describe.each(CHANGES)("%s", (_name, change) => {
  test.each(['"1"', "*", '"0", "1"'])("is done with If-Match: %s", async (header) => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const [method, path, asked] = await change(rig);
    const before = await rig.auditEntries();
    const { status } = await rig.call(method, path, { ...asked, headers: { "if-match": header } });
    expect(status).toBeLessThan(300);
    expect(await rig.auditEntries()).toBe(before + 1);
  });

  test("is not done where If-Match speaks of another version, or cannot be read", async () => {
    const rig = await startRig();
    await rig.make("accounts", { name: "a" });
    const [method, path, asked] = await change(rig);
    const before = await rig.auditEntries();
    for (const [header, expected] of REFUSED) {
      const { status, body } = await rig.call(method, path, { ...asked, headers: { "if-match": header } });
      const code = expected === 412 ? "HG_VERSION_CONFLICT" : "HG_ADMIN_PRECONDITION";
      expect([header, status, body.code]).toEqual([header, expected, code]);
    }
    expect(await rig.auditEntries()).toBe(before);
  });
});

test("of two operators who change what they both have read, the second is told", async () => {
  const rig = await startRig();
  await rig.make("accounts", { name: "a" });
  const { headers } = await rig.call("GET", "accounts/a");
  const ifMatch = { "if-match": headers.etag as string };
  const both = await Promise.all(
    ["p1", "p2"].map((plan) => rig.call("PATCH", "accounts/a", { body: { plan }, headers: ifMatch })),
  );
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412]);
});

test("an override is only replaced with If-Match, never made", async () => {
  const rig = await startRig();
  await rig.make("accounts", { name: "a" });
  const { status } = await rig.call("POST", "overrides", { body: OVERRIDE, headers: { "if-match": "*" } });
  expect(status).toBe(412);
});

test.each([
  ['"1"', 304],
  ['W/"1"', 304],
  ["*", 304],
  ['"0", "1"', 304],
  ['"2"', 200],
  ["1", 400],
])("a reader that has it already is sent no record: If-None-Match: %s gives %d", async (header, status) => {
  const rig = await startRig();
  await rig.make("accounts", { name: "a" });
  const answer = await rig.call("GET", "accounts/a", { headers: { "if-none-match": header } });
  expect(answer.status).toBe(status);
  if (status === 304) expect([answer.text, answer.headers.etag]).toEqual(["", '"1"']);
});

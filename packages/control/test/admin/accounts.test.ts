import { expect, test } from "vitest";
import { START, startRig } from "./rig.ts";

const CREATED_AT = new Date(START).toISOString();

test("an account is created, with its place and its entity tag", async () => {
  const rig = await startRig();
  const { status, headers, body } = await rig.call("POST", "accounts", { body: { name: "Example Ltd", plan: "pro" } });
  expect(status).toBe(201);
  expect(headers.location).toBe(`/admin/v1/accounts/${body.id}`);
  expect(headers.etag).toBe('"1"');
  const { id } = body;
  expect(body).toEqual({
    id,
    name: "Example Ltd",
    plan: "pro",
    version: 1,
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
  });
});

test("an account is found by its id and by its name, whatever is in it", async () => {
  const rig = await startRig();
  const name = "Émile & Sons / 100 % 😀";
  const account = await rig.make("accounts", { name });
  expect((await rig.call("GET", `accounts/${account.id}`)).body).toEqual(account);
  expect((await rig.call("GET", `accounts/${encodeURIComponent(name)}`)).body).toEqual(account);
});

test("an account that is not on record is not found", async () => {
  const rig = await startRig();
  const { status, body } = await rig.call("GET", "accounts/nobody");
  expect(status).toBe(404);
  expect(body).toMatchObject({ type: "about:blank", title: "Not Found", status: 404, code: "HG_ACCOUNT_UNKNOWN" });
});

test("an account is renamed, given a plan, and relieved of it", async () => {
  const rig = await startRig();
  const { id } = await rig.make("accounts", { name: "before" });
  const changed = await rig.call("PATCH", "accounts/before", { body: { name: "after", plan: "pro" } });
  expect(changed.body).toMatchObject({ id, name: "after", plan: "pro", version: 2 });
  expect(changed.headers.etag).toBe('"2"');
  expect((await rig.call("PATCH", `accounts/${id}`, { body: { plan: null } })).body).toMatchObject({
    name: "after",
    plan: null,
  });
});

test("two accounts cannot have names that read alike", async () => {
  const rig = await startRig();
  await rig.make("accounts", { name: "Example" });
  const { status, body } = await rig.call("POST", "accounts", { body: { name: "ｅxample" } });
  expect([status, body.code]).toEqual([409, "HG_NAME_TAKEN"]);
});

test("a list comes in pages, none of which repeats or hides an account", async () => {
  const rig = await startRig();
  for (let i = 0; i < 7; i++) await rig.make("accounts", { name: `account ${i}` });
  const names: string[] = [];
  let cursor: string | null = "";
  for (let pages = 0; cursor !== null && pages < 10; pages++) {
    const { body } = await rig.call("GET", `accounts?limit=3${cursor && `&cursor=${cursor}`}`);
    names.push(...body.items.map(({ name }: { name: string }) => name));
    cursor = body.next_cursor;
  }
  expect(names.toSorted()).toEqual(Array.from({ length: 7 }, (_, i) => `account ${i}`));
});

test("a plan must be one of the policy's, where one is enforced", async () => {
  const rig = await startRig({
    policy:
      "limits: [{ name: all, per: account, quota: 5, window: 1m, plans: { pro: { quota: 9 } } }]\ncallers: { api-key: { bearer: true } }\ncredentials: managed",
  });
  expect((await rig.call("POST", "accounts", { body: { name: "a", plan: "pro" } })).status).toBe(201);
  const refused = await rig.call("POST", "accounts", { body: { name: "b", plan: "gold" } });
  expect(refused.status).toBe(422);
  expect(refused.body).toMatchObject({ code: "HG_PLAN_UNKNOWN", errors: [{ pointer: "#/plan" }] });
  expect(refused.body.detail).toContain("pro");
});

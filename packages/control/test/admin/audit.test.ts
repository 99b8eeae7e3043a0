import { expect, test } from "vitest";
import { type Json, START, startRig } from "./rig.ts";

test("every change is in the audit, the newest first, with who, what, before and after, and no secret", async () => {
  const rig = await startRig({ actor: "command" });
  const account = await rig.make("accounts", { name: "a" });
  const { secret, warning: _, ...key } = await rig.make("keys", { account: "a" });
  await rig.call("PATCH", "accounts/a", { body: { name: "b" } });
  const { body } = await rig.call("GET", "audit");
  expect(body.items.map(({ seq, action, actor }: Json) => [seq, action, actor])).toEqual([
    [3, "account.updated", "command"],
    [2, "key.created", "command"],
    [1, "account.created", "command"],
  ]);
  expect(body.items[0]).toMatchObject({
    time: new Date(START).toISOString(),
    subject: { type: "account", id: account.id },
    before: { name: "a" },
    after: { name: "b" },
  });
  expect(body.items[2]).toMatchObject({ before: null, after: account });
  expect(body.items[1].after).toEqual(key);
  expect(JSON.stringify(body)).not.toContain(secret);
});

test("changes of one record are listed apart, in pages", async () => {
  const rig = await startRig();
  const { id } = await rig.make("accounts", { name: "a" });
  await rig.make("accounts", { name: "b" });
  for (const plan of ["p1", "p2", "p3"]) await rig.call("PATCH", "accounts/a", { body: { plan } });
  const first = (await rig.call("GET", `audit?subject=${id}&limit=3`)).body;
  const rest = (await rig.call("GET", `audit?subject=${id}&limit=3&cursor=${first.next_cursor}`)).body;
  expect([...first.items, ...rest.items].map(({ seq }: Json) => seq)).toEqual([5, 4, 3, 1]);
  expect(rest.next_cursor).toBeNull();
  expect((await rig.call("GET", "audit?subject=A&limit=3")).body).toEqual(first);
  expect((await rig.call("GET", "audit?subject=nobody")).body.items).toEqual([]);
});

test("the whole chain is verified, and a tampered entry shows", async () => {
  const rig = await startRig();
  for (const name of ["a", "b", "c"]) await rig.make("accounts", { name });
  const intact = (await rig.call("GET", "audit/verify")).body;
  expect(intact).toMatchObject({ valid: true, entries: 3, broken_at: null });
  expect(intact.head).toBe((await rig.call("GET", "audit?limit=1")).body.items[0].hash);
  const tampering = rig.control.storage.build
    .updateTable("audit")
    .set({ actor: "nobody" })
    .where("seq", "=", 2)
    .compile();
  await rig.control.storage.write([{ sql: tampering.sql, parameters: tampering.parameters as string[] }]);
  expect((await rig.call("GET", "audit/verify")).body).toMatchObject({ valid: false, broken_at: 2 });
});

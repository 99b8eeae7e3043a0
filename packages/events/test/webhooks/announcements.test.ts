import { expect, test } from "vitest";
import { START } from "../rig.ts";
import { answers, DAY_MS, openInstance, receiver, SECOND_MS } from "./delivery-rig.ts";

const DATA = { limit: "writes", remaining: 2 };

test("what is announced reaches those webhooks of the account that want it, and are enabled", async () => {
  const sender = receiver();
  const one = await openInstance({ sender });
  const [account, other] = [await one.account("a"), await one.account("b")];
  const types = '["event.created","limit.approaching"]';
  const wanted = [await one.webhook(account, { types }), await one.webhook(account, { types, is_batch: 1 })];
  await one.webhook(account, { types: '["limit.exceeded"]' });
  await one.webhook(account, { types, disabled_at: START, disabled_reason: "owner" });
  await one.webhook(other, { types });
  await one.webhooks.announce(account, "limit.approaching", DATA);
  await one.webhooks.settled();
  expect(sender.sent.map(({ url }) => url.split("/").at(-1)).sort()).toEqual(wanted.sort());
  expect(new Set(sender.sent.map(({ id }) => id))).toHaveLength(1);
  for (const { id, body } of sender.sent) {
    expect(id).toMatch(/^msg_[0-9a-z]{26}$/);
    expect(JSON.parse(body)).toEqual({ type: "limit.approaching", timestamp: "2030-01-01T00:00:00.000Z", data: DATA });
  }
});

test("what no webhook wants leaves no trace", async () => {
  const one = await openInstance({ sender: receiver() });
  const account = await one.account("a");
  await one.webhook(account);
  await one.webhooks.announce(account, "limit.exceeded", DATA);
  expect(await one.storage.read(one.storage.build.selectFrom("webhook_messages").selectAll().compile())).toEqual([]);
});

test("a message is on record with what it tells of, or not at all", async () => {
  const sender = receiver();
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account, { types: '["export.completed"]' });
  const statements = one.webhooks.messageStatements(account, "export.completed", { id: "exp_1" });
  const impossible = { sql: "delete from webhooks", parameters: [], expects: { rows: 0, name: "none" } };
  expect(await one.storage.write([...statements, impossible])).toMatchObject({ unmet: "none" });
  await one.pass(SECOND_MS);
  expect(await one.deliveries(webhook)).toEqual([]);
  await one.storage.write(statements);
  one.commits.ring(account);
  await one.pass(SECOND_MS);
  expect(sender.sent).toMatchObject([{ body: expect.stringContaining('"data":{"id":"exp_1"}') }]);
});

test("a message is tried again as an event is, with the same body", async () => {
  const sender = receiver((_sent, earlier) => answers(earlier.length < 2 ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  await one.webhook(account, { types: '["limit.exceeded"]' });
  await one.webhooks.announce(account, "limit.exceeded", DATA);
  await one.webhooks.settled();
  await one.pass(5 * SECOND_MS);
  await one.pass(DAY_MS);
  expect(sender.sent).toHaveLength(3);
  expect(new Set(sender.sent.map(({ id, body }) => id + body))).toHaveLength(1);
});

test("an account's suspension is announced, whoever suspends it; a key's, or an older one, is not", async () => {
  const sender = receiver();
  const first = await openInstance({ sender });
  const account = await first.account("a");
  const { key } = await first.control.keys.create({ accountId: account, prefix: "hg_sk_" }, "test");
  await first.webhook(account, { types: '["account.suspended"]' });
  const { suspensions } = first.control;
  await suspensions.suspend({ caller: "api-key", value: key.id, reason: "too much" }, "policy");
  const endsAt = START + DAY_MS;
  const { id } = await suspensions.suspend({ caller: "account", value: account, reason: "abuse", endsAt }, "policy");
  await suspensions.suspend({ caller: "account", value: account, reason: "more abuse" }, "admin");
  await first.pass(SECOND_MS);
  await first.pass(SECOND_MS);
  expect(sender.sent.map(({ body }) => JSON.parse(body))).toEqual([
    {
      type: "account.suspended",
      timestamp: "2030-01-01T00:00:01.000Z",
      data: {
        id,
        account_id: account,
        reason: "abuse",
        ends_at: "2030-01-02T00:00:00.000Z",
        created_at: "2030-01-01T00:00:00.000Z",
      },
    },
  ]);
});

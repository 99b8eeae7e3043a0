import { expect, test } from "vitest";
import { answers, DAY_MS, openInstance, receiver } from "./delivery-rig.ts";

test("deliveries go 30 days after they have ended, with their attempts and the messages that nobody needs", async () => {
  const sender = receiver(({ body }) => answers(body.includes("limit.exceeded") ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account, { types: '["event.created","limit.approaching","limit.exceeded"]' });
  await one.add(account, 700);
  await one.webhooks.announce(account, "limit.approaching", {});
  await one.webhooks.announce(account, "limit.exceeded", {});
  await one.webhooks.settled();
  await one.pass(29 * DAY_MS);
  // Which has failed for five days by now, unless its first failure came together with a success.
  await one.enable(webhook);
  expect(await one.deliveries(webhook)).toHaveLength(702);
  await one.pass(DAY_MS + 1_000);
  const kept = await one.deliveries(webhook);
  expect(kept).toMatchObject([{ type: "limit.exceeded", state: "pending", attempts: 3 }]);
  expect(await one.attempts(webhook)).toHaveLength(3);
  const messages = await one.storage.read(one.storage.build.selectFrom("webhook_messages").selectAll().compile());
  expect(messages).toMatchObject([{ id: kept[0]?.message_id }]);
});

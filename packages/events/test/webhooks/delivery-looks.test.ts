import type { CompiledQuery } from "kysely";
import { expect, test } from "vitest";
import { DeliveryList } from "../../src/webhooks/delivery-list.ts";
import { openInstance, receiver } from "./delivery-rig.ts";

// A webhook has a million deliveries that went well, and a few of any other kind.
test.each([
  ["failed", "deliveries_undelivered"],
  ["skipped", "deliveries_undelivered"],
  ["pending", "deliveries_due"],
] as const)("a look for %s deliveries goes by an index of those, on every page", async (state, index) => {
  const one = await openInstance({ sender: receiver() });
  const asked: CompiledQuery[] = [];
  const storage: typeof one.storage = {
    ...one.storage,
    read: (query) => {
      asked.push(query);
      return one.storage.read(query);
    },
  };
  const list = new DeliveryList({ storage, seal: one.seal });
  const webhook = await one.webhook(await one.account("Ada"));
  const row = { webhook_id: webhook, account_id: "acc", type: "event.created", state, attempts: 0, failures: 0 };
  const rows = [1, 2, 3].map((n) => ({
    ...row,
    message_id: `msg_${n}`,
    due_at: Number.MAX_SAFE_INTEGER,
    created_at: 1,
  }));
  const { sql, parameters } = one.storage.build.insertInto("deliveries").values(rows).compile();
  await one.storage.write([{ sql, parameters: parameters as string[] }]);

  const first = await list.page(webhook, { limit: 2, state });
  const second = await list.page(webhook, { limit: 2, state, cursor: first.nextCursor });
  expect([first, second].map(({ deliveries }) => deliveries.map(({ message_id }) => message_id))).toEqual([
    ["msg_3", "msg_2"],
    ["msg_1"],
  ]);
  expect(asked).toHaveLength(2);
  for (const query of asked) {
    const plan = await one.storage.read<{ detail: string }>({
      ...query,
      sql: `explain query plan ${query.sql}`,
    } as never);
    expect(plan[0]?.detail).toContain(`USING INDEX ${index}`);
  }
});

import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, test } from "vitest";
import { Replays } from "../../src/webhooks/replays.ts";
import { START } from "../rig.ts";
import { answers, DAY_MS, type Instance, openInstance, receiver, SECOND_MS } from "./delivery-rig.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

const EVENTUALLY = { timeout: 15_000, interval: 10 };

async function openTwo(senders: readonly ReturnType<typeof receiver>[]): Promise<[Instance, Instance]> {
  const databaseUrl = await postgres?.createDatabase();
  const time = { now: START };
  const [first, second] = senders;
  const one = await openInstance({ databaseUrl, time, sender: first, instance: "one" });
  return [one, await openInstance({ databaseUrl, time, sender: second, instance: "two" })];
}

describe.skipIf(postgres === undefined)("two instances on one PostgreSQL", () => {
  test("share the work: each message is sent by one of them", async () => {
    const senders = [receiver(), receiver()];
    const [one, two] = await openTwo(senders);
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) {
      const account = await one.account(`account ${i}`);
      await one.webhook(account, { is_batch: i % 2 === 0 ? 0 : 1 });
      const rows = await (i < 3 ? one : two).add(account, 150);
      ids.push(...rows.map(({ id }) => id));
    }
    await Promise.all([one.pass(0), two.pass(0), one.pass(0), two.pass(0)]);
    await Promise.all([one.pass(SECOND_MS), two.pass(0)]);
    const sent = senders.flatMap(({ sent }) => sent);
    const events = sent.flatMap(({ body }) => JSON.parse(body).data as { id: string } | { id: string }[]);
    expect(events.map(({ id }) => id).sort()).toEqual(ids.sort());
    expect(senders.every(({ sent }) => sent.length > 0)).toBe(true);
  });

  test("deliver what another has ingested", async () => {
    const sender = receiver();
    const [one, two] = await openTwo([receiver(), sender]);
    const account = await one.account("a");
    await one.webhook(account);
    one.webhooks.drain();
    await one.add(account, 10);
    await two.pass(SECOND_MS);
    expect(sender.sent).toHaveLength(10);
  });

  test("lose nothing when one of them dies with messages under way, and what it says too late is not heard", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const [lost, sender] = [receiver(() => promise.then(() => answers(500))), receiver()];
    const [one, two] = await openTwo([lost, sender]);
    const account = await one.account("a");
    const webhook = await one.webhook(account);
    const events = await one.add(account, 20);
    await expect.poll(() => lost.sent.length, EVENTUALLY).toBe(8);
    await two.pass(29 * SECOND_MS);
    expect(sender.sent).toHaveLength(0);
    await two.pass(SECOND_MS);
    expect(sender.sent.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => `msg_${id.slice(4)}`).sort());
    for (const { id, body } of lost.sent) expect(sender.sent.find((sent) => sent.id === id)?.body).toBe(body);
    resolve();
    await one.webhooks.settled();
    expect(await one.deliveries(webhook)).toMatchObject(Array(20).fill({ state: "delivered", attempts: 1 }));
    expect(await one.attempts(webhook)).toMatchObject(Array(20).fill({ number: 1, status: 200 }));
    expect((await one.webhookRow(webhook)).lease_owner).toBeNull();
  });

  test("go on where one was closed in good order, at once", async () => {
    const [first, second] = [receiver(), receiver()];
    const [one, two] = await openTwo([first, second]);
    const account = await one.account("a");
    await one.webhook(account);
    await one.add(account, 400);
    await one.webhooks.close();
    await two.pass(0);
    const sent = [...first.sent, ...second.sent];
    expect(new Set(sent.map(({ id }) => id))).toHaveLength(400);
    expect(sent).toHaveLength(400);
  });

  test("retry, give up, send again and tidy up as on SQLite", async () => {
    const sender = receiver((_sent, earlier) => answers([500, 200, 410][earlier.length] ?? 200));
    const [one] = await openTwo([sender, receiver()]);
    const account = await one.account("a");
    const webhook = await one.webhook(account);
    await one.add(account, 1);
    await one.webhooks.settled();
    expect(await one.webhookRow(webhook)).toMatchObject({ failing_since: START, lease_owner: null });
    await one.pass(5 * SECOND_MS);
    expect(await one.webhookRow(webhook)).toMatchObject({ failing_since: null });
    await one.add(account, 1);
    await one.webhooks.settled();
    expect(await one.webhookRow(webhook)).toMatchObject({ disabled_reason: "gone" });
    expect(await one.deliveries(webhook)).toMatchObject([{ state: "delivered", attempts: 2 }, { state: "skipped" }]);
    await one.enable(webhook);
    const replays = new Replays(one);
    expect(await replays.replayRange({ id: webhook, accountId: account }, START, one.time.now)).toBe(2);
    await one.pass(0);
    expect(await one.deliveries(webhook)).toMatchObject(Array(2).fill({ state: "delivered", reason: null }));
    expect(await replays.replayOne(webhook, (await one.deliveries(webhook))[0]?.message_id ?? "")).toBe(true);
    await one.pass(0);
    expect((await one.attempts(webhook)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 1, 2]);
    await one.pass(31 * DAY_MS);
    expect([await one.deliveries(webhook), await one.attempts(webhook)]).toEqual([[], []]);
    expect(one.lines).toMatchObject([{ event: "webhook-disabled" }]);
  });

  test("announce each suspension once", async () => {
    const senders = [receiver(), receiver()];
    const [one, two] = await openTwo(senders);
    const account = await one.account("a");
    await one.webhook(account, { types: '["account.suspended"]' });
    for (let i = 0; i < 5; i++) {
      const { id } = await one.control.suspensions.suspend({ caller: "account", value: account, reason: `r${i}` }, "x");
      await Promise.all([one.pass(SECOND_MS), two.pass(0)]);
      await one.control.suspensions.lift(id, "x");
    }
    await Promise.all([one.pass(DAY_MS), two.pass(0)]);
    const reasons = senders.flatMap(({ sent }) => sent).map(({ body }) => JSON.parse(body).data.reason);
    expect(reasons.sort()).toEqual(["r0", "r1", "r2", "r3", "r4"]);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptResult } from "../../src/webhooks/sender.ts";
import { START } from "../rig.ts";
import {
  answers,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  newFolder,
  openInstance,
  receiver,
  SECOND_MS,
  type Sent,
} from "./delivery-rig.ts";
import { openReceiver } from "./receiver.ts";

const EVENTUALLY = { timeout: 15_000, interval: 10 };

test("an event is sent once, as the API shows it, with its metadata byte for byte", async () => {
  const sender = receiver();
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  const [event] = await one.add(account, 1);
  await one.webhooks.settled();
  expect(one.lines).toEqual([]);
  expect(sender.sent).toHaveLength(1);
  const [{ id, body, url, timestamp } = { id: "", body: "", url: "", timestamp: 0 }] = sender.sent;
  expect(id).toBe(`msg_${event?.id.slice(4)}`);
  expect(url).toBe((await one.webhookRow(webhook)).url);
  expect(timestamp).toBe(START / 1_000);
  expect(body).toContain('{"type":"event.created","timestamp":"2030-01-01T00:00:00.000Z","data":{"id":"');
  expect(body).toContain('"metadata":{"n": 0, "note": "é\\n"}');
  await one.pass(DAY_MS);
  expect(sender.sent).toHaveLength(1);
  expect(await one.deliveries(webhook)).toMatchObject([{ state: "delivered", attempts: 1, finished_at: START }]);
  expect(await one.webhookRow(webhook)).toMatchObject({ lease_owner: null, cursor_seq: 1, failing_since: null });
});

test("a receiver that is down for an hour gets everything, in the documented schedule", async () => {
  let isDown = true;
  const server = await openReceiver((_request, response) => response.writeHead(isDown ? 503 : 204).end());
  const one = await openInstance();
  const account = await one.account("a");
  const webhook = await one.webhook(account, { url: server.url });
  const events = await one.add(account, 3);
  await one.webhooks.settled();
  const attempts: number[] = [one.time.now];
  for (const waitMs of [5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS]) {
    const before = server.requests.length;
    await one.pass(waitMs - 1);
    expect(server.requests).toHaveLength(before);
    isDown = one.time.now < START + HOUR_MS;
    await one.pass(1);
    expect(server.requests).toHaveLength(before + 3);
    attempts.push(one.time.now);
  }
  for (const { id } of events) {
    const requests = server.requests.filter(({ headers }) => headers["webhook-id"] === `msg_${id.slice(4)}`);
    expect(requests.map(({ headers }) => Number(headers["webhook-timestamp"]) * 1_000)).toEqual(attempts);
    expect(new Set(requests.map(({ body }) => body))).toHaveLength(1);
  }
  expect((await one.deliveries(webhook)).every(({ state }) => state === "delivered")).toBe(true);
  expect(await one.attempts(webhook)).toHaveLength(15);
  expect((await one.attempts(webhook)).slice(0, 5)).toMatchObject([
    { number: 1, at: attempts[0], status: 503, error: "answered 503" },
    { number: 2, at: attempts[1], status: 503 },
    { number: 3, at: attempts[2], status: 503 },
    { number: 4, at: attempts[3], status: 503 },
    { number: 5, at: attempts[4], status: 204, error: null },
  ]);
  expect(one.lines).toEqual([]);
});

test("after its tenth attempt a message is given up, and the webhook still is not", async () => {
  const sender = receiver(() => answers(500));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  await one.add(account, 1);
  await one.webhooks.settled();
  for (let attempts = 1; attempts < 10; attempts++) {
    const [delivery] = await one.deliveries(webhook);
    expect(delivery).toMatchObject({ state: "pending", attempts });
    await one.pass((delivery?.due_at ?? 0) - one.time.now);
  }
  expect(await one.deliveries(webhook)).toMatchObject([{ state: "failed", attempts: 10, finished_at: one.time.now }]);
  await one.pass(DAY_MS);
  expect(sender.sent).toHaveLength(10);
  expect(await one.webhookRow(webhook)).toMatchObject({ disabled_at: null, failing_since: START });
});

test("Retry-After puts off the next attempt, and brings none forward", async () => {
  const sender = receiver((_sent, earlier) => answers(429, earlier.length === 0 ? HOUR_MS : 1_000));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  await one.add(account, 1);
  await one.webhooks.settled();
  expect(await one.deliveries(webhook)).toMatchObject([{ due_at: START + HOUR_MS }]);
  await one.pass(HOUR_MS);
  expect(await one.deliveries(webhook)).toMatchObject([{ due_at: START + HOUR_MS + 5 * MINUTE_MS }]);
});

test("410 disables a webhook; what was pending is skipped, and what comes is sent once it is enabled", async () => {
  const sender = receiver((_sent, earlier) => answers(earlier.length === 3 ? 410 : earlier.length < 3 ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  await one.add(account, 3);
  await one.webhooks.settled();
  await one.add(account, 1);
  await one.webhooks.settled();
  expect(await one.webhookRow(webhook)).toMatchObject({ disabled_at: START, disabled_reason: "gone", version: 2 });
  const deliveries = await one.deliveries(webhook);
  expect(deliveries.map(({ state, reason }) => [state, reason])).toEqual(
    Array(4).fill(["skipped", "the receiver answered 410"]),
  );
  expect(await one.attempts(webhook)).toHaveLength(4);
  await one.add(account, 2);
  await one.pass(DAY_MS);
  expect(sender.sent).toHaveLength(4);
  await one.enable(webhook);
  await one.webhooks.settled();
  expect(sender.sent).toHaveLength(6);
  expect(one.lines).toEqual([{ event: "webhook-disabled", webhook, reason: "gone" }]);
  const { items } = await one.control.audit.list({ subjectId: webhook });
  expect(items).toMatchObject([{ action: "webhook.disabled", after: { reason: "gone" } }]);
});

test("a receiver that fails for five days is disabled, and gets all of it once it is enabled again", async () => {
  let isDown = true;
  const sender = receiver(() => answers(isDown ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  const ids: string[] = [];
  for (let day = 0; day < 5; day++) {
    ids.push(...(await one.add(account, 1)).map(({ id }) => `msg_${id.slice(4)}`));
    await one.webhooks.settled();
    expect(await one.webhookRow(webhook)).toMatchObject({ disabled_at: null, failing_since: START });
    await one.pass(DAY_MS);
  }
  expect(await one.webhookRow(webhook)).toMatchObject({ disabled_at: START + 5 * DAY_MS, disabled_reason: "failing" });
  ids.push(...(await one.add(account, 2)).map(({ id }) => `msg_${id.slice(4)}`));
  const before = sender.sent.length;
  await one.pass(DAY_MS);
  expect(sender.sent).toHaveLength(before);
  isDown = false;
  await one.enable(webhook);
  await one.pass(DAY_MS);
  expect(new Set(sender.sent.slice(before).map(({ id }) => id))).toEqual(new Set(ids));
});

test("a success in between begins the five days anew", async () => {
  const sender = receiver((_sent, earlier) => answers(earlier.length === 2 ? 200 : 500));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  for (let day = 0; day < 6; day++) {
    await one.add(account, 1);
    await one.pass(DAY_MS);
  }
  const { failing_since, disabled_at } = await one.webhookRow(webhook);
  expect(disabled_at).toBeNull();
  expect(failing_since).toBeGreaterThan(START);
});

test("batches hold at most 100 events and about 256 KiB, in order, and never the same event twice", async () => {
  const sender = receiver();
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account, { is_batch: 1 });
  const events = await one.add(account, 250);
  await one.webhooks.settled();
  const bodies = sender.sent.map(({ body }) => JSON.parse(body) as { type: string; data: { seq: number }[] });
  expect(bodies.map(({ data }) => data.length).sort()).toEqual([100, 100, 50]);
  const seqs = bodies.map(({ data }) => data.map(({ seq }) => seq)).sort(([a = 0], [b = 0]) => a - b);
  expect(seqs.flat()).toEqual(events.map(({ seq }) => seq));
  sender.sent.length = 0;
  const large = { metadata: JSON.stringify({ text: "x".repeat(30_000) }) };
  await one.add(account, 20, large);
  await one.webhooks.settled();
  const sizes = sender.sent.map(({ body }) => body.length);
  expect(sizes.length).toBeGreaterThan(1);
  for (const size of sizes) expect(size).toBeLessThan(257 * 1024);
  expect(await one.deliveries(webhook)).toHaveLength(3 + sizes.length);
});

test("a group of one event stays a list at each attempt, whatever becomes of the webhook", async () => {
  const sender = receiver((_sent, earlier) => answers(earlier.length === 0 ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account, { is_batch: 1 });
  await one.add(account, 1);
  await one.webhooks.settled();
  await one.change(webhook, { is_batch: 0 });
  await one.pass(5 * SECOND_MS);
  expect(sender.sent).toHaveLength(2);
  expect(sender.sent[1]).toMatchObject({ id: sender.sent[0]?.id, body: sender.sent[0]?.body });
  expect(JSON.parse(sender.sent[1]?.body ?? "").data).toHaveLength(1);
});

test("a receiver that does not answer holds up neither others nor what comes after", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let slow = "";
  const sender = receiver(async ({ url }, earlier) => {
    if (url.endsWith(slow) && earlier.every((sent) => sent.url !== url)) await promise;
    return answers(200);
  });
  const one = await openInstance({ sender });
  const [a, b] = [await one.account("a"), await one.account("b")];
  slow = await one.webhook(a);
  const quick = await one.webhook(b);
  await one.add(a, 1);
  await expect.poll(() => sender.sent.length).toBe(1);
  await one.add(b, 300);
  await one.add(a, 20);
  const delivered = async (id: string) =>
    (await one.deliveries(id)).filter(({ state }) => state === "delivered").length;
  await expect.poll(() => delivered(quick), EVENTUALLY).toBe(300);
  await expect.poll(() => delivered(slow), EVENTUALLY).toBe(20);
  resolve();
  await one.webhooks.settled();
  expect(await delivered(slow)).toBe(21);
});

test("at most eight attempts to one receiver are under way", async () => {
  let [underWay, most] = [0, 0];
  const sender = receiver(async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return answers(200);
  });
  const one = await openInstance({ sender });
  const account = await one.account("a");
  await one.webhook(account);
  await one.add(account, 600);
  await one.webhooks.settled();
  expect(sender.sent).toHaveLength(600);
  expect(most).toBe(8);
});

test("events wait in the log while a receiver with a thousand deliveries to catch up with fails", async () => {
  let isDown = true;
  const sender = receiver(() => answers(isDown ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  await one.add(account, 2_000);
  await one.webhooks.settled();
  const { length } = await one.deliveries(webhook);
  expect(length).toBeGreaterThanOrEqual(1_000);
  expect(length).toBeLessThanOrEqual(1_256);
  await one.add(account, 1);
  await one.webhooks.settled();
  expect(await one.deliveries(webhook)).toHaveLength(length);
  // The timer sends one as a probe.
  await one.pass(0);
  expect(await one.deliveries(webhook)).toHaveLength(length + 1);
  isDown = false;
  await one.pass(0);
  expect((await one.webhookRow(webhook)).cursor_seq).toBe(2_001);
  await one.pass(DAY_MS);
  expect((await one.deliveries(webhook)).filter(({ state }) => state === "delivered")).toHaveLength(2_001);
});

test("what was under way when the process died is sent again, under its id and with its body", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const lost = receiver(() => promise.then(() => answers(200)));
  const one = await openInstance({ sender: lost, data: newFolder() });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  await one.add(account, 3);
  await expect.poll(() => lost.sent.length).toBe(3);
  await one.close();
  const sender = receiver();
  const two = await openInstance({ sender, data: one.data, time: one.time, instance: "two" });
  await two.pass(0);
  const messages = ({ sent }: typeof sender) => sent.map(({ id, body }) => `${id} ${body}`).sort();
  expect(messages(sender)).toEqual(messages(lost));
  expect(await two.deliveries(webhook)).toMatchObject(Array(3).fill({ state: "delivered", attempts: 1 }));
  resolve();
});

test("what retention has removed before it could be sent is skipped, with the reason", async () => {
  const sender = receiver(() => answers(500));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  await one.add(account, 1);
  await one.webhooks.settled();
  await one.removeEvents(account);
  await one.pass(5 * SECOND_MS);
  expect(sender.sent).toHaveLength(1);
  expect(await one.deliveries(webhook)).toMatchObject([
    { state: "skipped", attempts: 1, reason: "what it tells of is kept no more" },
  ]);
});

test("a webhook can be deleted while messages are under way, and gets no more then", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const sender = receiver(() => promise.then(() => answers(500)));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  await one.add(account, 8);
  await expect.poll(() => sender.sent.length).toBe(8);
  await one.remove(webhook);
  resolve();
  await one.webhooks.settled();
  await one.add(account, 1);
  await one.pass(DAY_MS);
  expect(sender.sent).toHaveLength(8);
  expect(one.lines).toEqual([]);
});

test("every event arrives, whatever fails: each message with one body, and attempts that count up", async () => {
  let answer = (_sent: Sent): AttemptResult => answers(200);
  const sender = receiver((sent) => answer(sent));
  const one = await openInstance({ sender });
  const failures = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 });
  const commits = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 3 });
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(failures, commits, fc.constantFrom(0, 1), async (failing, counts, is_batch) => {
      runs += 1;
      const left = new Map<string, number>();
      answer = ({ id }) => {
        const failuresLeft = left.get(id) ?? (failing[left.size % failing.length] as number);
        left.set(id, failuresLeft - 1);
        return answers(failuresLeft > 0 ? 500 : 200);
      };
      sender.sent.length = 0;
      const account = await one.account(`account ${runs}`);
      const webhook = await one.webhook(account, { is_batch });
      for (const count of counts) await one.add(account, count);
      await one.webhooks.settled();
      for (let days = 0; days < 4; days++) await one.pass(DAY_MS);

      const deliveries = await one.deliveries(webhook);
      expect(deliveries.every(({ state }) => state === "delivered")).toBe(true);
      const covered = deliveries.flatMap(({ first_seq, last_seq }) =>
        Array.from({ length: Number(last_seq) - Number(first_seq) + 1 }, (_, index) => Number(first_seq) + index),
      );
      const events = counts.reduce((sum, count) => sum + count, 0);
      expect(covered.sort((a, b) => a - b)).toEqual(Array.from({ length: events }, (_, index) => index + 1));
      const attempts = await one.attempts(webhook);
      for (const { message_id, attempts: count } of deliveries) {
        const own = attempts.filter((attempt) => attempt.message_id === message_id);
        expect(own.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
        const sent = sender.sent.filter(({ id }) => id === message_id);
        expect(sent).toHaveLength(count);
        expect(new Set(sent.map(({ body }) => body))).toHaveLength(1);
      }
    }),
    { numRuns: 12 },
  );
});

import type { Identity } from "@headgate/control";
import { expect, test } from "vitest";
import { UNAUTHENTICATED } from "../../src/api/answer.ts";
import { Router } from "../../src/api/router.ts";
import { START } from "../rig.ts";
import {
  answers,
  DAY_MS,
  HOUR_MS,
  type Instance,
  MINUTE_MS,
  openInstance,
  receiver,
  SECOND_MS,
} from "./delivery-rig.ts";

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look at, they name
  readonly json: any;
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** Asks an instance as an account. */
async function caller(instance: Instance, accountId: string): Promise<Ask> {
  const { control, clock } = instance;
  const { secret } = await control.keys.create({ accountId, prefix: "hg_sk_" }, "test");
  const identity = control.directory.identify(secret, clock()) as Identity;
  const router = new Router(instance.webhooks.routes, clock, (_path, error) => {
    throw error;
  });
  return async (method, path, body) => {
    const [pathname = "", query = ""] = path.split("?");
    const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
    const answer = await router.answer({ method, path: pathname, query, headers: {}, body: bytes, identity });
    if (answer === UNAUTHENTICATED) throw new Error("the key is not taken");
    return { status: answer.status, json: JSON.parse(String(answer.body)) };
  };
}

test("deliveries are listed by page and state, the newest first, and shown with their attempts", async () => {
  const sender = receiver((_sent, earlier) => answers(earlier.length < 2 ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  const events = await one.add(account, 5);
  await one.webhooks.settled();
  const ask = await caller(one, account);
  const path = `/v1/webhooks/${webhook}/deliveries`;
  const ids: string[] = [];
  let cursor = "";
  do {
    const { json } = await ask("GET", `${path}?limit=2${cursor}`);
    ids.push(...json.items.map(({ id }: { id: string }) => id));
    cursor = json.next_cursor === null ? "" : `&cursor=${json.next_cursor}`;
  } while (cursor !== "");
  expect(ids).toEqual(events.map(({ id }) => `msg_${id.slice(4)}`).reverse());
  const pending = await ask("GET", `${path}?state=pending`);
  expect(pending.json.items).toMatchObject(
    Array(2).fill({ state: "pending", attempts: 1, next_attempt_at: "2030-01-01T00:00:05.000Z", finished_at: null }),
  );
  await one.pass(5 * SECOND_MS);
  expect((await ask("GET", `${path}?state=pending`)).json).toEqual({ items: [], next_cursor: null });
  const { status, json } = await ask("GET", `${path}/${pending.json.items[0].id}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    type: "event.created",
    state: "delivered",
    finished_at: "2030-01-01T00:00:05.000Z",
    next_attempt_at: null,
    reason: null,
    attempts: [
      { number: 1, at: "2030-01-01T00:00:00.000Z", status: 500, error: "answered 500" },
      { number: 2, at: "2030-01-01T00:00:05.000Z", status: 200, error: null },
    ],
  });
});

test("nobody gets to see another account's deliveries, nor cursors from elsewhere", async () => {
  const one = await openInstance({ sender: receiver() });
  const [account, other] = [await one.account("a"), await one.account("b")];
  const [webhook, second] = [await one.webhook(account), await one.webhook(account)];
  const [event] = await one.add(account, 2);
  await one.webhooks.settled();
  const message = `msg_${event?.id.slice(4)}`;
  const stranger = await caller(one, other);
  for (const [method, path, body] of [
    ["GET", "/deliveries"],
    ["GET", `/deliveries/${message}`],
    ["POST", `/deliveries/${message}/replay`],
    ["POST", "/replay", { from: "2030-01-01T00:00:00Z" }],
  ] as const) {
    const { status, json } = await stranger(method, `/v1/webhooks/${webhook}${path}`, body);
    expect([status, json.code]).toEqual([404, "HG_WEBHOOK_UNKNOWN"]);
  }
  const ask = await caller(one, account);
  const unknown = await ask("GET", `/v1/webhooks/${webhook}/deliveries/msg_01k5j8y3m2q4r6s8t0v2w4x6z8`);
  expect([unknown.status, unknown.json.code]).toEqual([404, "HG_DELIVERY_UNKNOWN"]);
  const none = await ask("POST", `/v1/webhooks/${webhook}/deliveries/nonsense/replay`);
  expect([none.status, none.json.code]).toEqual([404, "HG_DELIVERY_UNKNOWN"]);
  const { json } = await ask("GET", `/v1/webhooks/${webhook}/deliveries?limit=1`);
  const elsewhere = await ask("GET", `/v1/webhooks/${second}/deliveries?cursor=${json.next_cursor}`);
  expect([elsewhere.status, elsewhere.json.code]).toEqual([400, "HG_EVENTS_CURSOR"]);
});

test("a delivery sent again has its id and body, counts its attempts on, and begins the schedule anew", async () => {
  let isDown = true;
  const sender = receiver(() => answers(isDown ? 500 : 200));
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  const [event] = await one.add(account, 1);
  await one.webhooks.settled();
  await one.pass(5 * SECOND_MS);
  expect(await one.deliveries(webhook)).toMatchObject([{ attempts: 2, due_at: one.time.now + 5 * MINUTE_MS }]);
  const ask = await caller(one, account);
  const path = `/v1/webhooks/${webhook}/deliveries/msg_${event?.id.slice(4)}`;
  const { status, json } = await ask("POST", `${path}/replay`);
  expect([status, json.state]).toEqual([202, "pending"]);
  await one.webhooks.settled();
  expect(await one.deliveries(webhook)).toMatchObject([{ attempts: 3, due_at: one.time.now + 5 * SECOND_MS }]);
  isDown = false;
  await one.pass(5 * SECOND_MS);
  await ask("POST", `${path}/replay`);
  await one.webhooks.settled();
  expect((await one.attempts(webhook)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(sender.sent.map(({ id, body }) => id + body))).toHaveLength(1);
});

test("a time's events are sent again, those too that had no delivery, and no others", async () => {
  const sender = receiver();
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const hours = [];
  for (let hour = 0; hour < 3; hour++) {
    hours.push(await one.add(account, 300));
    await one.pass(HOUR_MS);
  }
  const webhook = await one.webhook(account);
  hours.push(await one.add(account, 300));
  await one.webhooks.settled();
  expect(sender.sent).toHaveLength(300);
  const ask = await caller(one, account);
  const from = new Date(START + HOUR_MS).toISOString();
  const { status, json } = await ask("POST", `/v1/webhooks/${webhook}/replay`, { from });
  expect([status, json]).toEqual([202, { events: 900 }]);
  await one.webhooks.settled();
  const again = sender.sent.slice(300).map(({ id }) => id);
  expect(again.sort()).toEqual(
    hours
      .slice(1)
      .flat()
      .map(({ id }) => `msg_${id.slice(4)}`)
      .sort(),
  );
  const first = await ask("POST", `/v1/webhooks/${webhook}/replay`, { from: "2030-01-01T00:00:00Z", to: from });
  expect(first.json).toEqual({ events: 600 });
  const none = await ask("POST", `/v1/webhooks/${webhook}/replay`, {
    from: "2029-01-01T00:00:00Z",
    to: "2029-12-31T00:00:00Z",
  });
  expect([none.status, none.json]).toEqual([202, { events: 0 }]);
  await one.webhooks.settled();
  expect(sender.sent).toHaveLength(300 + 900 + 600);
});

test("groups sent again never share an id with others that held other events", async () => {
  const sender = receiver();
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account, { is_batch: 1 });
  await one.add(account, 30);
  await one.webhooks.settled();
  await one.change(webhook, { is_batch: 0 });
  await one.add(account, 30);
  await one.webhooks.settled();
  const ask = await caller(one, account);
  for (const is_batch of [0, 1, 1] as const) {
    await one.change(webhook, { is_batch });
    await ask("POST", `/v1/webhooks/${webhook}/replay`, { from: "2030-01-01T00:00:00Z" });
    await one.webhooks.settled();
  }
  const bodies = new Map<string, string>();
  for (const { id, body } of sender.sent) {
    expect(bodies.get(id) ?? body).toBe(body);
    bodies.set(id, body);
  }
  expect(sender.sent).toHaveLength(1 + 30 + 60 + 1 + 1);
});

test("a disabled webhook is sent what is to be sent again when it is enabled", async () => {
  const sender = receiver();
  const one = await openInstance({ sender });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  const [event] = await one.add(account, 5);
  await one.webhooks.settled();
  await one.change(webhook, { disabled_at: one.time.now, disabled_reason: "owner" });
  const ask = await caller(one, account);
  await ask("POST", `/v1/webhooks/${webhook}/deliveries/msg_${event?.id.slice(4)}/replay`);
  await ask("POST", `/v1/webhooks/${webhook}/replay`, { from: "2030-01-01T00:00:00Z" });
  await one.pass(DAY_MS);
  expect(sender.sent).toHaveLength(5);
  await one.enable(webhook);
  await one.webhooks.settled();
  expect(sender.sent.length).toBeGreaterThanOrEqual(10);
});

test("a range that ends before it begins is refused, and says where", async () => {
  const one = await openInstance({ sender: receiver() });
  const account = await one.account("a");
  const webhook = await one.webhook(account);
  const ask = await caller(one, account);
  const path = `/v1/webhooks/${webhook}/replay`;
  for (const [body, pointer] of [
    [{ from: "2030-01-02T00:00:00Z", to: "2030-01-01T00:00:00Z" }, "#/to"],
    [{ from: "2030-01-02T00:00:00Z" }, "#/from"],
    [{ from: "yesterday" }, "#/from"],
    [{ to: "2030-01-02T00:00:00Z" }, "#/from"],
  ] as const) {
    const { status, json } = await ask("POST", path, body);
    expect([status, json.code, json.errors[0].pointer]).toEqual([422, "HG_EVENTS_BODY", pointer]);
  }
});

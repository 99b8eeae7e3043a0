import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { START } from "../rig.ts";
import { answers, DAY_MS, HOUR_MS, type Instance, openInstance, receiver } from "../webhooks/delivery-rig.ts";
import { type Answer, type Operator, operatorOf } from "./operator.ts";

interface Opened {
  readonly one: Instance;
  readonly operator: Operator;
  readonly account: string;
  readonly sent: readonly { readonly id: string }[];
}

async function open(status: () => number = () => 200): Promise<Opened> {
  const sender = receiver(() => answers(status()));
  const one = await openInstance({ sender });
  return { one, operator: await operatorOf(one), account: await one.account("Ada"), sent: sender.sent };
}

/** The ids on all pages of a list. */
async function idsOf(operator: Operator, path: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const { status, body }: Answer = await operator.ask("GET", cursor === null ? path : `${path}&cursor=${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    ids.push(...body.items.map(({ id }: { id: string }) => id));
    cursor = body.next_cursor;
  } while (cursor !== null);
  return ids;
}

describe("an operator", () => {
  test("sees everybody's webhooks page by page, or one account's, with whose they are and never a secret", async () => {
    const { one, operator, account } = await open();
    const other = await one.account("Bob");
    const webhooks: string[] = [];
    for (const owner of [account, other, account, other, account]) webhooks.push(await one.webhook(owner));
    expect(await idsOf(operator, "webhooks?limit=2")).toEqual(webhooks);
    expect(await idsOf(operator, "webhooks?limit=2&account=ada")).toEqual([webhooks[0], webhooks[2], webhooks[4]]);
    expect(await idsOf(operator, `webhooks?account=${other}`)).toEqual([webhooks[1], webhooks[3]]);

    const shown = await operator.ask("GET", `webhooks/${webhooks[1]}`);
    expect(shown.body).toMatchObject({ id: webhooks[1], account_id: other, enabled: true, version: 1 });
    const listed = await operator.ask("GET", "webhooks");
    for (const { text } of [shown, listed]) expect(text).not.toContain("whsec_");
    const { headers } = shown;
    const again = await operator.ask("GET", `webhooks/${webhooks[1]}`, {
      headers: { "if-none-match": `${headers.etag}` },
    });
    expect(again.status).toBe(304);
  });

  test("disables a webhook, which its owner is told, and enables it: then it gets what came meanwhile", async () => {
    const { one, operator, account, sent } = await open();
    const webhook = await one.webhook(account);
    const disabled = await operator.ask("POST", `webhooks/${webhook}/disable`);
    expect([disabled.status, disabled.headers.etag]).toEqual([200, '"2"']);
    expect(disabled.body).toMatchObject({ enabled: false, disabled_reason: "operator", disabled_at: iso(START) });
    await one.add(account, 3);
    await one.pass(HOUR_MS);
    expect(sent).toEqual([]);

    const enabled = await operator.ask("POST", `webhooks/${webhook}/enable`);
    expect(enabled.body).toMatchObject({ enabled: true, disabled_reason: null, version: 3 });
    await one.webhooks.settled();
    expect(sent).toHaveLength(3);
    expect(await operator.audit()).toEqual([
      ["admin", "webhook.disabled", webhook, { reason: "operator" }],
      ["admin", "webhook.enabled", webhook, undefined],
    ]);
    expect(one.lines).toMatchObject([
      { event: "admin-change", operation: "disableWebhook", record: webhook, actor: "admin" },
      { event: "admin-change", operation: "enableWebhook", record: webhook, actor: "admin" },
    ]);
  });

  test("enables what a receiver had disabled that has been away for days", async () => {
    let status = 500;
    const { one, operator, account, sent } = await open(() => status);
    const webhook = await one.webhook(account);
    await one.add(account, 1);
    await one.webhooks.settled();
    for (let day = 0; day < 6; day++) await one.pass(DAY_MS);
    const { body } = await operator.ask("GET", `webhooks/${webhook}`);
    expect(body).toMatchObject({ enabled: false, disabled_reason: "failing" });
    const [event] = await one.add(account, 1);
    await one.webhooks.settled();
    status = 200;
    await operator.ask("POST", `webhooks/${webhook}/enable`);
    await one.webhooks.settled();
    expect(sent.map(({ id }) => id)).toContain(`msg_${event?.id.slice(4)}`);
    expect((await operator.audit()).at(-1)).toEqual(["admin", "webhook.enabled", webhook, undefined]);
  });

  test("changes nothing that is so already, and only the version that is asked for", async () => {
    const { one, operator, account } = await open();
    const webhook = await one.webhook(account);
    const same = await operator.ask("POST", `webhooks/${webhook}/enable`);
    expect([same.status, same.body.version]).toEqual([200, 1]);
    const stale = await operator.ask("POST", `webhooks/${webhook}/disable`, { headers: { "if-match": '"7"' } });
    expect([stale.status, stale.body.code]).toEqual([412, "HG_VERSION_CONFLICT"]);
    const broken = await operator.ask("POST", `webhooks/${webhook}/disable`, { headers: { "if-match": "1" } });
    expect([broken.status, broken.body.code]).toEqual([400, "HG_ADMIN_PRECONDITION"]);
    expect(await operator.audit()).toEqual([]);
    const right = await operator.ask("POST", `webhooks/${webhook}/disable`, { headers: { "if-match": '"1"' } });
    expect([right.status, right.body.version]).toEqual([200, 2]);
  });

  test("sees a webhook's deliveries page by page, the newest first, and those in one state", async () => {
    let status = 200;
    const { one, operator, account } = await open(() => status);
    const webhook = await one.webhook(account);
    const delivered = (await one.add(account, 3)).map(({ id }) => `msg_${id.slice(4)}`).toReversed();
    await one.webhooks.settled();
    status = 500;
    const pending = (await one.add(account, 3)).map(({ id }) => `msg_${id.slice(4)}`).toReversed();
    await one.webhooks.settled();
    const path = `webhooks/${webhook}/deliveries`;
    expect(await idsOf(operator, `${path}?limit=2`)).toEqual([...pending, ...delivered]);
    expect(await idsOf(operator, `${path}?limit=2&state=delivered`)).toEqual(delivered);
    expect(await idsOf(operator, `${path}?limit=1&state=pending`)).toEqual(pending);
    expect(await idsOf(operator, `${path}?limit=1&state=failed`)).toEqual([]);
    const { body } = await operator.ask("GET", `${path}?limit=1`);
    expect(body.items).toMatchObject([{ type: "event.created", state: "pending", attempts: 1, finished_at: null }]);
    const elsewhere = await operator.ask("GET", `${path}?limit=1&state=pending&cursor=${body.next_cursor}`);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([400, "HG_CURSOR_INVALID"]);
    const lost = await operator.ask("GET", `${path}?state=lost`);
    expect([lost.status, lost.body.code]).toEqual([400, "HG_ADMIN_QUERY"]);
  });

  test("has a time's events sent again, and the audit knows", async () => {
    const { one, operator, account, sent } = await open();
    await one.add(account, 2);
    await one.pass(HOUR_MS);
    await one.add(account, 3);
    const webhook = await one.webhook(account);
    const from = iso(START + HOUR_MS);
    const { status, body } = await operator.ask("POST", `webhooks/${webhook}/replay`, { body: { from } });
    expect([status, body]).toEqual([202, { events: 3 }]);
    await one.webhooks.settled();
    expect(sent).toHaveLength(3);
    const early = { from: iso(START - HOUR_MS), to: iso(START) };
    expect((await operator.ask("POST", `webhooks/${webhook}/replay`, { body: early })).body).toEqual({ events: 2 });
    expect(await operator.audit()).toEqual([
      ["admin", "webhook.replayed", webhook, { from, to: from }],
      ["admin", "webhook.replayed", webhook, early],
    ]);
  });

  test.each([
    [{ from: "2030-01-02T00:00:00Z", to: "2030-01-01T00:00:00Z" }, "#/to"],
    [{ from: "2030-01-02T00:00:00Z" }, "#/from"],
    [{ from: "yesterday" }, "#/from"],
    [{}, "#/from"],
    [{ from: "2030-01-01T00:00:00Z", since: 1 }, "#/since"],
  ])("is told what is wrong with a time: %j", async (range, pointer) => {
    const { one, operator, account } = await open();
    const webhook = await one.webhook(account);
    const { status, body } = await operator.ask("POST", `webhooks/${webhook}/replay`, { body: range });
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, "HG_ADMIN_BODY", pointer]);
    expect(await operator.audit()).toEqual([]);
  });

  test.each(["whk_01k5j8y3m2q4r6s8t0v2w4x6z8", "whk_none", "acc_01k5j8y3m2q4r6s8t0v2w4x6z8"])(
    "is told that there is no webhook %s",
    async (id) => {
      const { operator } = await open();
      const range = { body: { from: iso(START) } };
      for (const [method, path, asked] of [
        ["GET", ""],
        ["POST", "/enable"],
        ["POST", "/disable"],
        ["GET", "/deliveries"],
        ["POST", "/replay", range],
      ] as const) {
        const { status, body } = await operator.ask(method, `webhooks/${id}${path}`, asked);
        expect([status, body.code, body.detail]).toEqual([404, "HG_WEBHOOK_UNKNOWN", `There is no webhook ${id}.`]);
      }
      expect(await operator.audit()).toEqual([]);
    },
  );

  test("is told that there is no such account, and needs the token", async () => {
    const { operator } = await open();
    const unknown = await operator.ask("GET", "webhooks?account=nobody");
    expect([unknown.status, unknown.body.code]).toEqual([404, "HG_ACCOUNT_UNKNOWN"]);
    const stranger = await operator.ask("GET", "webhooks", { headers: { authorization: "" } });
    expect([stranger.status, stranger.body.code]).toEqual([401, "HG_ADMIN_TOKEN"]);
  });
});

test("what is added stands in the admin API's description, which is valid, beside what was there", async () => {
  const { operator } = await open();
  const { body } = await operator.ask("GET", "openapi.json");
  expect(await new Validator().validate(structuredClone(body))).toEqual({ valid: true });
  expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(["/admin/v1/accounts", "/admin/v1/webhooks/{id}"]));
  expect(Object.keys(body.components.schemas)).toEqual(
    expect.arrayContaining(["Account", "Webhook", "Delivery", "Replay"]),
  );
});

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

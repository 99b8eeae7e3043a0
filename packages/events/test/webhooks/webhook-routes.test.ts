import type { Commit, DeliveryAttemptRow, DeliveryRow, Storage, Value } from "@headgate/storage";
import { startPostgres } from "@headgate/storage/testing";
import { afterAll, describe, expect, test, vi } from "vitest";
import { isSecret } from "../../src/webhooks/webhook-secret.ts";
import { eventAt } from "../log/open-context.ts";
import { START } from "../rig.ts";
import { type Answer, type Caller, openWebhooks } from "./open-webhooks.ts";
import { openReceiver } from "./receiver.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

const EVENTS = ["event.created"];
const URL = "https://hooks.test/";
const HOUR_MS = 3_600_000;

async function created(caller: Caller, fields: object = {}): Promise<Answer["json"]> {
  const { status, json } = await caller.ask("POST", "/v1/webhooks", { url: URL, events: EVENTS, ...fields });
  expect(status, JSON.stringify(json)).toBe(201);
  return json;
}

/** Deliveries that went well, each with one attempt. */
async function addDeliveries(storage: Storage, webhook_id: string, count: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, i) => ({ webhook_id, message_id: `msg_${i}` }));
  const ended = { account_id: "acc", type: "event.created", state: "delivered", failures: 0, due_at: 0 } as const;
  const { build } = storage;
  for (const insert of [
    build
      .insertInto("deliveries")
      .values(messages.map((id) => ({ ...id, ...ended, attempts: 1, created_at: 0, finished_at: 0 }) as DeliveryRow)),
    build
      .insertInto("delivery_attempts")
      .values(messages.map((id) => ({ ...id, number: 1, at: 0, duration_ms: 1 }) as DeliveryAttemptRow)),
  ]) {
    const { sql, parameters } = insert.compile();
    await storage.write([{ sql, parameters: parameters as Value[] }]);
  }
}

const engines = [["SQLite", async () => undefined] as const, ["PostgreSQL", () => postgres?.createDatabase()] as const];
const available = engines.filter(([name]) => name === "SQLite" || postgres !== undefined);

describe.each(available)("webhooks on %s", (_engine, createDatabase) => {
  const open = async () => openWebhooks(await createDatabase());

  test("are created with a secret, which is shown this once", async () => {
    const { caller, rings } = await open();
    const ada = await caller("Ada");
    const answer = await ada.ask("POST", "/v1/webhooks", {
      url: "https://Hooks.Test:443/a/../in?b=c",
      events: ["event.created", "export.completed"],
      batch: true,
      description: "what people call it",
    });
    expect(answer.status).toBe(201);
    const { id, secret, ...rest } = answer.json;
    expect(answer.headers).toMatchObject({ location: `/v1/webhooks/${id}`, etag: '"1"' });
    expect(isSecret(secret)).toBe(true);
    expect(rest).toEqual({
      url: "https://hooks.test/in?b=c",
      events: ["event.created", "export.completed"],
      batch: true,
      description: "what people call it",
      enabled: true,
      disabled_at: null,
      disabled_reason: null,
      failing_since: null,
      previous_until: null,
      version: 1,
      created_at: "2030-01-01T00:00:00.000Z",
      updated_at: "2030-01-01T00:00:00.000Z",
    });
    const shown = await ada.ask("GET", `/v1/webhooks/${id}`);
    expect(shown.json).toEqual({ id, ...rest });
    expect(rings).toEqual([ada.accountId]);
  });

  test("begin where the account's events end", async () => {
    const { caller, context } = await open();
    const ada = await caller("Ada");
    await context.events.append(ada.accountId, [eventAt(START), eventAt(START, 1)]);
    const { id } = await created(ada);
    const query = context.storage.build.selectFrom("webhooks").selectAll().where("id", "=", id).compile();
    expect(await context.storage.read(query)).toMatchObject([{ cursor_seq: 2, lease_owner: null, lease_until: 0 }]);
  });

  test("that come to want events later are told of those from then on", async () => {
    const { caller, context } = await open();
    const ada = await caller("Ada");
    const { id } = await created(ada, { events: ["export.completed"] });
    await context.events.append(ada.accountId, [eventAt(START), eventAt(START, 1)]);
    const { status } = await ada.ask("PATCH", `/v1/webhooks/${id}`, { events: ["export.completed", "event.created"] });
    expect(status).toBe(200);
    const query = context.storage.build.selectFrom("webhooks").selectAll().where("id", "=", id).compile();
    expect(await context.storage.read(query)).toMatchObject([{ cursor_seq: 2 }]);
  });

  test("are listed in pages, and each account sees its own", async () => {
    const { caller } = await open();
    const [ada, bob] = [await caller("Ada"), await caller("Bob")];
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await created(ada)).id);
    const { id: foreign } = await created(bob);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { json } = await ada.ask("GET", `/v1/webhooks?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...json.items.map((item: { id: string }) => item.id));
      cursor = json.next_cursor ?? "";
      if (cursor) expect((await bob.ask("GET", `/v1/webhooks?cursor=${cursor}`)).json.code).toBe("HG_EVENTS_CURSOR");
    } while (cursor);
    expect(seen).toEqual(ids);
    for (const [method, path, body] of [
      ["GET", ""],
      ["PATCH", "", {}],
      ["DELETE", ""],
      ["POST", "/rotate", {}],
    ] as const) {
      expect(await ada.ask(method, `/v1/webhooks/${foreign}${path}`, body)).toMatchObject({
        status: 404,
        json: { code: "HG_WEBHOOK_UNKNOWN" },
      });
    }
    expect((await bob.ask("GET", "/v1/webhooks")).json.items).toHaveLength(1);
  });

  test("are at most 20 an account, however many are asked for at once", async () => {
    const { caller } = await open();
    const [ada, bob] = [await caller("Ada"), await caller("Bob")];
    const asked = Array.from({ length: 25 }, () => ada.ask("POST", "/v1/webhooks", { url: URL, events: EVENTS }));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    const refused = answers.filter(({ status }) => status !== 201);
    for (const { status, json } of refused) {
      expect([status, json.code]).toEqual([409, "HG_WEBHOOK_TOO_MANY"]);
      expect(json.detail).toBe("An account has at most 20 webhooks: delete one first.");
    }
    const { json } = await ada.ask("GET", "/v1/webhooks");
    expect(json.items).toHaveLength(20);
    await created(bob);
    await ada.ask("DELETE", `/v1/webhooks/${json.items[0].id}`);
    await created(ada);
  });

  test("change field by field, and an empty change is none", async () => {
    const { caller, context } = await open();
    const ada = await caller("Ada");
    const { id, secret: _, ...before } = await created(ada, { description: "old" });
    const path = `/v1/webhooks/${id}`;
    context.time.now += 1_000;
    expect((await ada.ask("PATCH", path, {})).json).toEqual({ id, ...before });
    expect((await ada.ask("PATCH", path, { url: URL, events: EVENTS, enabled: true })).json).toEqual({ id, ...before });
    const changed = await ada.ask("PATCH", path, { events: ["limit.exceeded"], batch: true });
    expect(changed.headers.etag).toBe('"2"');
    const updated_at = "2030-01-01T00:00:01.000Z";
    expect(changed.json).toEqual({ ...before, id, events: ["limit.exceeded"], batch: true, version: 2, updated_at });
    const moved = await ada.ask("PATCH", path, { url: "https://other.test/", description: null });
    expect(moved.json).toEqual({ ...changed.json, url: "https://other.test/", description: null, version: 3 });
  });

  test("are disabled by their owner, and enabled whyever they were disabled", async () => {
    const { caller, context } = await open();
    const { storage } = context;
    const ada = await caller("Ada");
    const { id } = await created(ada);
    const path = `/v1/webhooks/${id}`;
    const disabled = { enabled: false, disabled_at: "2030-01-01T00:00:00.000Z", disabled_reason: "owner" };
    expect((await ada.ask("PATCH", path, { enabled: false })).json).toMatchObject({ ...disabled, version: 2 });
    context.time.now += 1_000;
    expect((await ada.ask("PATCH", path, { enabled: false })).json).toMatchObject({ ...disabled, version: 2 });
    expect((await ada.ask("PATCH", path, { enabled: true })).json).toMatchObject({ enabled: true, disabled_at: null });
    const fail = storage.build
      .updateTable("webhooks")
      .set({ disabled_at: START, disabled_reason: "failing", failing_since: START - HOUR_MS })
      .where("id", "=", id)
      .compile();
    await storage.write([fail as never]);
    expect((await ada.ask("GET", path)).json).toMatchObject({
      enabled: false,
      disabled_reason: "failing",
      failing_since: "2029-12-31T23:00:00.000Z",
    });
    expect((await ada.ask("PATCH", path, { enabled: true })).json).toMatchObject({
      enabled: true,
      disabled_at: null,
      disabled_reason: null,
      failing_since: null,
    });
  });

  test("are changed only where If-Match names their version", async () => {
    const { caller } = await open();
    const ada = await caller("Ada");
    const { id } = await created(ada);
    const path = `/v1/webhooks/${id}`;
    const change = (ifMatch: string) => ada.ask("PATCH", path, { batch: true }, { "if-match": ifMatch });
    for (const tag of ['"2"', 'W/"1"', "1", '"3", "4"', ""]) {
      expect(await change(tag), tag).toMatchObject({ status: 412, json: { code: "HG_WEBHOOK_VERSION" } });
    }
    expect(await change('"7", "1"')).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    for (const [method, suffix] of [
      ["DELETE", ""],
      ["POST", "/rotate"],
    ] as const) {
      const answer = await ada.ask(method, path + suffix, undefined, { "if-match": '"1"' });
      expect(answer).toMatchObject({ status: 412, json: { code: "HG_WEBHOOK_VERSION" } });
    }
    expect(await ada.ask("DELETE", path, undefined, { "if-match": "*" })).toMatchObject({ status: 204 });
  });

  test("keep every one of many changes at once", async () => {
    const { caller } = await open();
    const ada = await caller("Ada");
    const { id } = await created(ada);
    const path = `/v1/webhooks/${id}`;
    const changes = [{ batch: true }, { description: "new" }, { events: ["limit.exceeded"] }, { enabled: false }];
    const answers = await Promise.all(changes.map((change) => ada.ask("PATCH", path, change)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await ada.ask("GET", path)).json).toMatchObject({
      batch: true,
      description: "new",
      events: ["limit.exceeded"],
      enabled: false,
      version: 5,
    });
  });

  test("are not sent again to a reader that has them", async () => {
    const { caller } = await open();
    const ada = await caller("Ada");
    const path = `/v1/webhooks/${(await created(ada)).id}`;
    expect(await ada.ask("GET", path, undefined, { "if-none-match": '"1"' })).toMatchObject({ status: 304 });
    expect(await ada.ask("GET", path, undefined, { "if-none-match": '"2"' })).toMatchObject({ status: 200 });
  });

  test("get a new secret, while the old one stays good for a day, or as long as is asked", async () => {
    const { caller, registry } = await open();
    const ada = await caller("Ada");
    const { id, secret: first } = await created(ada);
    const rotate = (body?: object) => ada.ask("POST", `/v1/webhooks/${id}/rotate`, body);
    const once = await rotate();
    expect(once).toMatchObject({ status: 200, json: { previous_until: "2030-01-02T00:00:00.000Z", version: 2 } });
    expect(isSecret(once.json.secret)).toBe(true);
    expect(await registry.get(ada.accountId, id)).toMatchObject({
      secret: once.json.secret,
      previousSecret: first,
      previousUntil: START + 24 * HOUR_MS,
    });
    const twice = await rotate({ overlap: "1h" });
    expect(twice.json.previous_until).toBe("2030-01-01T01:00:00.000Z");
    expect(await registry.get(ada.accountId, id)).toMatchObject({ previousSecret: once.json.secret });
    await rotate({ overlap: "0s" });
    expect(await registry.get(ada.accountId, id)).toMatchObject({
      previousSecret: undefined,
      previousUntil: undefined,
    });
    for (const overlap of ["401d", "1 day", "-1h"]) expect((await rotate({ overlap })).status, overlap).toBe(422);
  });

  test("are deleted with their deliveries", async () => {
    const { caller, context } = await open();
    const { storage } = context;
    const ada = await caller("Ada");
    const { id } = await created(ada);
    const add = storage.build
      .insertInto("delivery_attempts")
      .values({ webhook_id: id, message_id: "msg_1", number: 1, at: START, duration_ms: 1 } as never)
      .compile();
    await storage.write([add as never]);
    expect(await ada.ask("DELETE", `/v1/webhooks/${id}`)).toMatchObject({ status: 204, json: undefined });
    expect(await storage.read(storage.build.selectFrom("delivery_attempts").selectAll().compile())).toEqual([]);
    expect((await ada.ask("GET", `/v1/webhooks/${id}`)).status).toBe(404);
  });

  test("that have many deliveries are disabled first, and go with them in small steps", async () => {
    const { caller, context } = await open();
    const { storage } = context;
    const ada = await caller("Ada");
    const [{ id }, { id: other }] = [await created(ada), await created(ada)];
    for (const webhook of [id, other]) await addDeliveries(storage, webhook, 1_200);
    const rowOf = storage.build.selectFrom("webhooks").select("disabled_at").where("id", "=", id).compile();
    const write = vi.spyOn(storage, "write");
    const seen: unknown[] = [];
    context.commits.onRing(() => seen.push(storage.read(rowOf)));
    const stale = await ada.ask("DELETE", `/v1/webhooks/${id}`, undefined, { "if-match": '"7"' });
    expect(stale.status).toBe(412);
    const { status } = await ada.ask("DELETE", `/v1/webhooks/${id}`, undefined, { "if-match": '"1"' });
    expect(status).toBe(204);

    expect(await Promise.all(seen)).toEqual([[{ disabled_at: START }], []]);
    const commits = await Promise.all(write.mock.results.map(({ value }) => value as Promise<Commit>));
    // Disabling, two steps of as many deliveries as attempts, and the webhook with what is left.
    expect(commits.map(({ results }) => results.map(({ changes }) => changes))).toEqual([
      [1],
      [500, 500],
      [500, 500],
      [1],
    ]);
    for (const table of ["deliveries", "delivery_attempts"] as const) {
      const rows = await storage.read(storage.build.selectFrom(table).select("webhook_id").compile());
      expect(rows).toEqual(Array(1_200).fill({ webhook_id: other }));
    }
  });
});

test("a given secret is kept", async () => {
  const { caller, registry } = await openWebhooks();
  const ada = await caller("Ada");
  const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  const { id } = await created(ada, { secret });
  expect((await registry.get(ada.accountId, id)).secret).toBe(secret);
});

test("a body that makes no webhook is refused, and nothing is stored", async () => {
  const { caller } = await openWebhooks();
  const ada = await caller("Ada");
  const fields = { url: URL, events: EVENTS };
  const bodies: [object, string][] = [
    [{ events: EVENTS }, "#/url"],
    [{ url: URL }, "#/events"],
    [{ url: URL, events: [] }, "#/events"],
    [{ url: URL, events: ["event.deleted"] }, "#/events/0"],
    [{ url: URL, events: [...EVENTS, ...EVENTS] }, "#/events"],
    [{ ...fields, batch: "yes" }, "#/batch"],
    [{ ...fields, description: "a\0b" }, "#/description"],
    [{ ...fields, description: "a".repeat(501) }, "#/description"],
    [{ ...fields, secret: "whsec_c2hvcnQ=" }, "#/secret"],
    [{ ...fields, cursor_seq: 0 }, "#/cursor_seq"],
  ];
  for (const [body, pointer] of bodies) {
    const answer = await ada.ask("POST", "/v1/webhooks", body);
    expect(answer, pointer).toMatchObject({ status: 422, json: { code: "HG_EVENTS_BODY", errors: [{ pointer }] } });
  }
  expect((await ada.ask("GET", "/v1/webhooks")).json.items).toEqual([]);
});

test("a URL where webhooks may not go is refused, and nothing is stored", async () => {
  const webhooks = await openWebhooks();
  webhooks.addresses["inside.test"] = ["10.0.0.1"];
  webhooks.addresses["half.test"] = ["93.184.215.14", "::1"];
  webhooks.networks = [];
  const ada = await webhooks.caller("Ada");
  const forbidden = (what: string) => `the ${what} is not one that webhooks may go to`;
  const inside = (name: string) => `the name ${name} leads to an address that webhooks may not go to`;
  const scheme = "it must begin with https:// or http://";
  const noUrl = "it is no URL: write https://example.com/webhooks";
  const urls: [string, string][] = [
    ["http://127.0.0.1/", forbidden("address 127.0.0.1")],
    ["http://2130706433/", forbidden("address 127.0.0.1")],
    ["http://0x7f.1/", forbidden("address 127.0.0.1")],
    ["http://169.254.169.254/latest/meta-data/", forbidden("address 169.254.169.254")],
    ["http://[::1]/", forbidden("address ::1")],
    ["http://[::ffff:127.0.0.1]:8080/", forbidden("address ::ffff:7f00:1")],
    ["http://localhost:3000/", forbidden("name localhost")],
    ["http://metadata.google.internal/", forbidden("name metadata.google.internal")],
    ["https://inside.test/", inside("inside.test")],
    ["https://half.test/", inside("half.test")],
    ["ftp://hooks.test/", scheme],
    ["file:///etc/passwd", scheme],
    ["hooks.test", noUrl],
    ["", noUrl],
    ["https://ada@hooks.test/", "it holds a user's name or password: the signature tells that a message is genuine"],
    ["https://hooks.test/#", "it holds a fragment, the part from # on, which is never sent"],
    ["https://hooks\n.test/", "it holds blanks or control characters"],
    [`https://hooks.test/${"é".repeat(400)}`, "it is longer than 2048 characters"],
  ];
  const refusal = (detail: string) => ({
    status: 422,
    json: { code: "HG_WEBHOOK_URL", errors: [{ pointer: "#/url", detail }] },
  });
  for (const [url, detail] of urls) {
    expect(await ada.ask("POST", "/v1/webhooks", { url, events: EVENTS }), url).toMatchObject(refusal(detail));
  }
  expect((await ada.ask("GET", "/v1/webhooks")).json.items).toEqual([]);
  const { id, secret: _, ...before } = await created(ada);
  for (const [url, detail] of urls) {
    const answer = await ada.ask("PATCH", `/v1/webhooks/${id}`, { url, batch: true });
    expect(answer, url).toMatchObject(refusal(detail));
  }
  expect((await ada.ask("GET", `/v1/webhooks/${id}`)).json).toEqual({ id, ...before });
});

describe("a URL that redirects", () => {
  test("is refused, with where it leads, and nothing is stored", async () => {
    const { caller } = await openWebhooks();
    const ada = await caller("Ada");
    for (const location of ["http://169.254.169.254/latest/", "http://127.0.0.1/", "https://hooks.test/"]) {
      const receiver = await openReceiver((_request, response) => response.writeHead(302, { location }).end());
      const answer = await ada.ask("POST", "/v1/webhooks", { url: receiver.url, events: EVENTS });
      expect(answer).toMatchObject({ status: 422, json: { code: "HG_WEBHOOK_URL" } });
      expect(answer.json.detail).toBe(
        `Webhooks cannot be sent to this URL: it redirects to ${location}: name that one.`,
      );
      expect(receiver.requests).toHaveLength(1);
    }
    expect((await ada.ask("GET", "/v1/webhooks")).json.items).toEqual([]);
  });

  test("is refused where a webhook that has another is given it", async () => {
    const { caller } = await openWebhooks();
    const ada = await caller("Ada");
    const good = await openReceiver();
    const { id } = await created(ada, { url: good.url });
    const bad = await openReceiver((_request, response) => response.writeHead(308, { location: "/x" }).end());
    const answer = await ada.ask("PATCH", `/v1/webhooks/${id}`, { url: bad.url });
    expect(answer).toMatchObject({ status: 422, json: { code: "HG_WEBHOOK_URL" } });
    expect((await ada.ask("GET", `/v1/webhooks/${id}`)).json).toMatchObject({ url: good.url, version: 1 });
    expect(good.requests).toHaveLength(1);
  });
});

test("a URL is taken that answers the look at it with an error, or not at all", async () => {
  const { caller } = await openWebhooks();
  const ada = await caller("Ada");
  const missing = await openReceiver((_request, response) => response.writeHead(404).end());
  const silent = await openReceiver(() => {});
  await created(ada, { url: missing.url });
  await created(ada, { url: silent.url });
  await created(ada, { url: "http://127.0.0.1:1/" });
  await created(ada, { url: "https://nowhere.test/" });
});

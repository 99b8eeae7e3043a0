import type { Clock, Notice } from "@headgate/client";
import { EventsApiError, EventsClient, type EventsClientOptions } from "@headgate/client/events";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Issued, issueKey, issueToken } from "../systems/admin.ts";
import { type ServedAt, serveAt, startUpstream } from "../systems/harness.ts";

const SOON = { timeout: 20_000 };

/** A gate with the default policy, whose webhooks may reach this machine. */
function openGate(): Promise<ServedAt> {
  return serveAt(Date.now(), "default", undefined, (text) =>
    text.replace("upstream: builtin:events", "$&\nevents: { webhooks: { networks: [127.0.0.0/8] } }"),
  );
}

/** A client of a gate, and what it asked. Where it sleeps, time goes on for both. */
function openClient(gate: ServedAt, { secret }: Issued, options: Partial<EventsClientOptions> = {}) {
  const clock: Clock = {
    now: () => gate.clock.now,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      await new Promise(setImmediate);
      gate.clock.now += ms;
    },
  };
  const asked: string[] = [];
  const statuses: number[] = [];
  const notices: Notice[] = [];
  const client = new EventsClient({
    url: gate.url,
    key: secret,
    clock,
    onNotice: (notice) => notices.push(notice),
    async fetch(input, init) {
      asked.push(`${init?.method ?? "GET"} ${new URL(input instanceof Request ? input.url : input).pathname}`);
      const response = await fetch(input, init);
      statuses.push(response.status);
      return response;
    },
    ...options,
  });
  onTestFinished(() => client.close());
  return { client, asked, statuses, notices };
}

async function allOf<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}

describe("a client of the events API", () => {
  test("does all that the API describes", async () => {
    const gate = await openGate();
    const key = await issueKey(gate);
    const receiver = await startUpstream((_, response) => response.writeHead(204).end());
    const { client, asked, notices } = openClient(gate, key);

    const ending = new AbortController();
    const stream = client.stream({ type: "user.*" }, { after: 0, signal: ending.signal });
    const event = await client.send({ type: "user.login", actor: { id: "ada" }, metadata: { n: 1 } });
    expect(event).toMatchObject({ seq: 1, type: "user.login", actor: { id: "ada" }, metadata: { n: 1 } });
    expect((await stream.next()).value).toEqual(event);
    ending.abort();
    await stream.return(undefined);

    const events = Array.from({ length: 10 }, (_, n) => ({
      type: n === 3 ? "no type" : "file.upload",
      metadata: { n },
    }));
    const report = await client.sendAll(events);
    expect(report).toMatchObject({ accepted: 9, rejected: 1, rejections: [{ index: 3, field: "type" }] });
    expect((await allOf(client.list({ order: "asc", limit: 4 }))).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 10 }, (_, n) => n + 1),
    );
    expect(await client.page({ limit: 1 })).toEqual(await client.page({ limit: 1 }));
    expect(await client.get(event.id)).toEqual(event);
    expect(await client.get(event.id)).toEqual(event);
    const fromCache = notices.filter(({ kind }) => kind === "from-cache").map(({ reason }) => reason);
    expect(fromCache).toEqual(["revalidated", "fresh"]);
    expect(await client.verify()).toMatchObject({ valid: true, events: 10, last_seq: 10 });

    const token = await issueToken(gate, key.id, { widget: true, actor: "ada" });
    const widget = openClient(gate, token);
    expect(await allOf(widget.client.widget())).toEqual([event]);

    const { webhooks, exports } = client;
    const { secret, ...webhook } = await webhooks.create({ url: receiver.url, events: ["event.created"] });
    expect(secret).toMatch(/^whsec_/);
    expect(await allOf(webhooks.list())).toEqual([webhook]);
    expect(await webhooks.get(webhook.id)).toEqual(webhook);
    const changed = await webhooks.update(webhook.id, { description: "mine" }, { version: webhook.version });
    expect(changed).toMatchObject({ description: "mine", version: webhook.version + 1 });
    const late = await webhooks.update(webhook.id, { enabled: false }, { version: 1 }).catch((error: unknown) => error);
    expect(late).toBeInstanceOf(EventsApiError);
    expect(late).toMatchObject({ code: "HG_WEBHOOK_VERSION", status: 412 });
    expect((await webhooks.rotate(webhook.id, { overlap: "1h" })).secret).not.toBe(secret);
    await client.send({ type: "user.logout" });
    const delivered = () => allOf(webhooks.deliveries(webhook.id, { state: "delivered" }));
    await expect.poll(delivered, SOON).toHaveLength(1);
    const [delivery] = await delivered();
    expect(await webhooks.delivery(webhook.id, delivery?.id ?? "")).toMatchObject({ attempts: [{ status: 204 }] });
    expect(await webhooks.redeliver(webhook.id, delivery?.id ?? "")).toMatchObject({ id: delivery?.id });
    expect(await webhooks.replay(webhook.id, { from: event.received_at })).toEqual({ events: 11 });
    await webhooks.delete(webhook.id);
    expect(await allOf(webhooks.list())).toEqual([]);

    const begun = await exports.create({ format: "ndjson", filter: { type: "user.*" } });
    const text = await (await exports.download(begun.id)).text();
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).type),
    ).toEqual(["user.login", "user.logout"]);
    expect((await allOf(exports.list())).map(({ id, state }) => [id, state])).toEqual([[begun.id, "completed"]]);
    await exports.delete(begun.id);
    await expect(exports.get(begun.id)).rejects.toMatchObject({ code: "HG_EXPORT_UNKNOWN", status: 404 });

    const { paths } = (await (await fetch(`${gate.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    for (const [path, methods] of Object.entries(paths).filter(([path]) => path.startsWith("/v1/"))) {
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, "(?!stream$)[^/]+")}$`);
      for (const method of Object.keys(methods)) {
        const isAsked = [...asked, ...widget.asked].some((request) => {
          const [by, at = ""] = request.split(" ");
          return by === method.toUpperCase() && pattern.test(at);
        });
        expect([method, path, isAsked]).toEqual([method, path, true]);
      }
    }
  });

  test("waits where the API is limited, and is told so once", async () => {
    const gate = await openGate();
    const { client, statuses, notices } = openClient(gate, await issueKey(gate), { pace: false });
    const start = gate.clock.now;
    for (let call = 0; call < 101; call++) await client.send({ type: "reading" });
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(101);
    expect(notices.map(({ kind }) => kind)).toEqual(["waiting", "retried"]);
    expect(gate.clock.now - start).toBeGreaterThan(50_000);
    expect([...client.limits().values()].flat().map(({ quota }) => quota)).toContain(100);
  });

  test("adds events in batches, in order, and each once", async () => {
    const gate = await openGate();
    const { client, asked } = openClient(gate, await issueKey(gate));
    const batcher = client.batcher({ maxAgeMs: 10 });
    for (let n = 0; n < 250; n++) await batcher.add({ type: "reading", metadata: { n } });
    await batcher.close();
    const kept = await allOf(client.list({ order: "asc", limit: 100 }));
    expect(kept.map(({ metadata }) => metadata?.n)).toEqual(Array.from({ length: 250 }, (_, n) => n));
    expect(asked.filter((request) => request.endsWith("/batch")).length).toBeLessThan(20);
  });
});

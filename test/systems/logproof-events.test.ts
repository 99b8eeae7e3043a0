import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { bearer, type Issued, issueKey, issueToken, type Json } from "./admin.ts";
import { policyFile, type Received, rateLimit, serve, serveAt, startUpstream } from "./harness.ts";

const LOGIN = { type: "user.login", actor: { id: "user_123" } };
const SOON = { timeout: 15_000 };

interface List {
  readonly items: readonly Json[];
}

/** Asks the API behind a gate with a credential: GET, or, where there is a body, POST. */
function callerOf({ url }: { readonly url: string }, by: Issued): (path: string, body?: object) => Promise<Response> {
  const headers = { ...bearer(by), "content-type": "application/json" };
  return (path, body) => fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
}

test("L3: a batch of 100 events is one request, and all are kept; one of 101 is refused as a whole", async () => {
  const gate = await serve(policyFile("logproof"));
  const call = callerOf(gate, await issueKey(gate));
  const events = Array.from({ length: 101 }, (_, i) => ({ ...LOGIN, metadata: { i } }));
  const response = await call("/v1/events/batch", { events: events.slice(1) });
  expect(response.status).toBe(200);
  expect(rateLimit(response).remaining).toBe("99");
  expect(await response.json()).toMatchObject({ accepted: 100, rejected: 0, rejections: [] });

  const refused = await call("/v1/events/batch", { events });
  expect(refused.status).toBe(422);
  expect(rateLimit(refused)).toEqual({ limit: "100", remaining: "98", reset: null, retryAfter: null });
  const { items } = (await (await call("/v1/events?limit=100")).json()) as List;
  expect(items.map(({ metadata }) => metadata)).toEqual(
    events
      .slice(1)
      .map(({ metadata }) => metadata)
      .toReversed(),
  );
});

test("L7: an event is answered with 200, its id and itself; it is listed, for its account alone", async () => {
  const gate = await serve(policyFile("logproof"));
  const call = callerOf(gate, await issueKey(gate, "Acme"));
  const others = callerOf(gate, await issueKey(gate, "Other"));
  const response = await call("/v1/events", LOGIN);
  expect(response.status).toBe(200);
  const event = (await response.json()) as Json;
  expect(event).toMatchObject({ ...LOGIN, id: expect.stringMatching(/^evt_/) });

  expect(await (await call("/v1/events")).json()).toMatchObject({ items: [event] });
  expect(await (await call(`/v1/events/${event.id}`)).json()).toEqual(event);
  expect(await (await others("/v1/events")).json()).toMatchObject({ items: [] });
  expect((await others(`/v1/events/${event.id}`)).status).toBe(404);
});

test("L8: a list is 304 until there is a new event", async () => {
  const gate = await serve(policyFile("logproof"));
  const key = await issueKey(gate);
  const call = callerOf(gate, key);
  const ifChanged = (etag: string): Promise<Response> =>
    fetch(`${gate.url}/v1/events`, { headers: { ...bearer(key), "if-none-match": etag } });

  await call("/v1/events", LOGIN);
  const etag = (await call("/v1/events")).headers.get("etag") ?? "";
  expect(etag).toMatch(/^"/);
  const same = await ifChanged(etag);
  expect(same.status).toBe(304);
  expect(rateLimit(same)).toEqual({ limit: "100", remaining: "97", reset: null, retryAfter: null });
  await call("/v1/events", LOGIN);
  const changed = await ifChanged(etag);
  expect(changed.status).toBe(200);
  expect(((await changed.json()) as List).items).toHaveLength(2);
});

test("L9: events and exports are told to a webhook, signed with its secret", async () => {
  const receiver = await startUpstream((_, response) => response.writeHead(204).end());
  const gate = await serveAt(Date.now(), "logproof", undefined, (text) =>
    text.replace("upstream: builtin:events", "$&\nevents: { webhooks: { networks: [127.0.0.0/8] } }"),
  );
  const call = callerOf(gate, await issueKey(gate));
  const created = await call("/v1/webhooks", { url: receiver.url, events: ["event.created", "export.completed"] });
  expect(created.status).toBe(201);
  const { secret } = (await created.json()) as { secret: string };

  const event = await (await call("/v1/events", LOGIN)).json();
  const { id } = (await (await call("/v1/exports", { format: "ndjson" })).json()) as { id: string };
  const messages = (): Received[] => receiver.received.filter(({ method }) => method === "POST");
  await expect.poll(() => messages().length, SOON).toBe(2);
  for (const { headers, body } of messages())
    expect(headers["webhook-signature"]).toBe(signatureOf(secret, headers, body));
  const told = messages().map(({ body }) => JSON.parse(body) as { type: string; data: object });
  expect(told).toEqual(
    expect.arrayContaining([
      { type: "event.created", timestamp: expect.any(String), data: event },
      { type: "export.completed", timestamp: expect.any(String), data: expect.objectContaining({ id }) },
    ]),
  );
});

/** As Standard Webhooks says. */
function signatureOf(secret: string, headers: Received["headers"], body: string): string {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

test("L10: a widget token reads the events of its actor on widgets, and is of no use elsewhere, nor is a key there", async () => {
  const gate = await serve(policyFile("logproof"));
  const key = await issueKey(gate);
  const byKey = callerOf(gate, key);
  const byToken = callerOf(gate, await issueToken(gate, key.id, { widget: true, actor: "user_123" }));
  await byKey("/v1/events/batch", { events: [LOGIN, { type: "user.login", actor: { id: "user_456" } }] });

  const shown = await byToken("/v1/widget/events");
  expect(shown.status).toBe(200);
  expect(((await shown.json()) as List).items).toMatchObject([LOGIN]);
  expect((await byToken("/v1/widget/events", LOGIN)).status).toBe(403);
  for (const path of ["/v1/events", "/v1/verify", "/v1/webhooks"]) expect((await byToken(path)).status).toBe(403);
  const misplaced = await byKey("/v1/widget/events");
  expect(misplaced.status).toBe(403);
  expect(rateLimit(misplaced)).toMatchObject({ limit: "120", remaining: "119" });
});

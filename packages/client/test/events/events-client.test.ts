import { describe, expect, test } from "vitest";
import { ResponseCache } from "../../src/cache/response-cache.ts";
import { EventsApiError } from "../../src/events/events-api-error.ts";
import { EventsClient } from "../../src/events/events-client.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { allOf } from "./all-of.ts";

type Answer = (request: Request) => Response | Promise<Response>;

/** A client before an API that gives these answers in turn, the last one again and again. */
function openClient(...answers: Answer[]) {
  const clock = virtualClock();
  const asked: Request[] = [];
  const client = new EventsClient({
    url: "https://events.example/base/",
    key: "hg_sk_1",
    clock,
    pace: false,
    // Hashing who asks takes time of its own, which no clock of a test tells.
    cache: new ResponseCache(undefined, { clock, credential: () => "" }),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      asked.push(request);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (!answer) throw new Error("there is no answer");
      return answer(request);
    },
  });
  return { client, asked, clock };
}

const json =
  (body: unknown, status = 200): Answer =>
  () =>
    Response.json(body, { status });

describe("a request", () => {
  test("goes to the path below the URL, with the key, the query, and the ids as they are", async () => {
    const { client, asked } = openClient(json({ items: [], next_cursor: null, has_more: false }));
    await client.page({ type: "user.*", limit: 2, text: "a&b" });
    await client.get("evt/1");
    expect(asked.map(({ url }) => url)).toEqual([
      "https://events.example/base/v1/events?type=user.*&limit=2&text=a%26b",
      "https://events.example/base/v1/events/evt%2F1",
    ]);
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer hg_sk_1");
  });

  test("that adds events has an idempotency key, the same when it is sent again, and none that adds something else", async () => {
    const failing: Answer = () => Promise.reject(new TypeError("fetch failed"));
    const { client, asked, clock } = openClient(failing, json({ id: "evt_1" }));
    await clock.until(client.send({ type: "a" }));
    await client.send({ type: "a" });
    await client.send({ type: "a" }, { idempotencyKey: "mine" });
    await client.webhooks.create({ url: "https://x.example", events: ["event.created"] });
    const keys = asked.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toEqual([expect.stringMatching(/^\w{32}$/), keys[0], expect.any(String), "mine", null]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test("that is refused is an error with the API's code, its problem and status", async () => {
    const problem = {
      type: "about:blank",
      title: "x",
      status: 404,
      detail: "there is no event x",
      code: "HG_EVENT_UNKNOWN",
    };
    const { client } = openClient(json(problem, 404));
    const error = await client.get("x").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EventsApiError);
    expect(error).toMatchObject({ code: "HG_EVENT_UNKNOWN", status: 404, message: "there is no event x", problem });
  });

  test.for([
    ["HTML", () => new Response("<h1>Bad Gateway</h1>", { status: 502 }), 502],
    ["a body of the policy's own", () => Response.json({ error: { type: "x" } }, { status: 403 }), 403],
    ["a code that is none", () => Response.json({ detail: "x", code: "<script>" }, { status: 400 }), 400],
    ["nothing", () => new Response(null, { status: 401 }), 401],
  ] as const)("that is refused with %s is one too, with a code of the client's", async ([, answer, status]) => {
    const { client } = openClient(answer);
    expect(await client.verify().catch((reason: unknown) => reason)).toMatchObject({
      code: "HG_EVENTS_ANSWER",
      status,
    });
  });

  test("that is answered 200 with what is no JSON is an error with the status, and what came", async () => {
    const { client } = openClient(() => new Response(`<html>\u001b[2J${"x".repeat(1_000)}`));
    const error = await client.verify().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EventsApiError);
    expect(error).toMatchObject({ code: "HG_EVENTS_ANSWER", status: 200 });
    expect((error as Error).message).toMatch(/^the events API answered 200 and no JSON: "<html>\\u001b\[2Jx+…"$/);
    expect((error as Error).message.length).toBeLessThan(300);
  });
});

describe("a list", () => {
  test("is asked for page by page, as far as it is wanted", async () => {
    const { client, asked } = openClient(
      json({ items: [{ seq: 3 }, { seq: 2 }], next_cursor: "c1", has_more: true }),
      json({ items: [], next_cursor: "c2", has_more: true }),
      json({ items: [{ seq: 1 }], next_cursor: null, has_more: false }),
    );
    const list = client.list({ type: "a" });
    expect(asked).toHaveLength(0);
    expect((await list.next()).value).toEqual({ seq: 3 });
    expect(asked).toHaveLength(1);
    expect(await allOf(list)).toEqual([{ seq: 2 }, { seq: 1 }]);
    expect(asked.map(({ url }) => new URL(url).search)).toEqual(["?type=a", "?type=a&cursor=c1", "?type=a&cursor=c2"]);
  });

  test("that has a cursor for what comes ends where there is nothing more now", async () => {
    const { client } = openClient(json({ items: [{ seq: 1 }], next_cursor: "c", has_more: false }));
    expect(await allOf(client.list({ order: "asc" }))).toEqual([{ seq: 1 }]);
  });
});

describe("a stream", () => {
  const stream =
    (text: string): Answer =>
    () =>
      new Response(text, { headers: { "content-type": "text/event-stream" } });

  test("goes on after the last event that came, when its connection ends or cannot be made", async () => {
    const { client, asked, clock } = openClient(
      stream('retry: 100\nid: 4\n\nid: 5\ndata: {"seq":5}\n\n: still here\nid: 7\n\n'),
      json({ detail: "draining" }, 500),
      stream('id: 8\ndata: {"seq":8}\n\n'),
      () => Promise.reject(new TypeError("fetch failed")),
      stream('id: 9\ndata: {"seq":9}\n\n'),
    );
    const seen = [];
    const events = client.stream({ type: "a" });
    for (let count = 0; count < 3; count++) seen.push((await clock.until(events.next())).value.seq);
    expect(seen).toEqual([5, 8, 9]);
    const places = asked.map(({ headers }) => headers.get("last-event-id"));
    expect(places).toEqual([null, "7", "7", "8", "8"]);
  });

  test("ends where what answers is no stream, or what it sends is no event", async () => {
    const page = openClient(() => new Response("<html>", { headers: { "content-type": "text/html" } }));
    await expect(page.client.stream().next()).rejects.toMatchObject({ code: "HG_EVENTS_ANSWER", status: 200 });
    const { client } = openClient(stream("data: <html>\n\n"));
    await expect(client.stream().next()).rejects.toMatchObject({ code: "HG_EVENTS_ANSWER", status: 200 });
  });

  test("ends where it is refused, and with its signal's reason while it waits", async () => {
    const refused = openClient(json({ detail: "as many as it may", code: "HG_STREAMS_TOO_MANY" }, 409));
    await expect(refused.client.stream().next()).rejects.toMatchObject({ code: "HG_STREAMS_TOO_MANY" });
    const { client, clock } = openClient(stream(""));
    const caller = new AbortController();
    const next = client.stream({}, { signal: caller.signal, after: 3 }).next();
    next.catch(() => {});
    await clock.advance(5_000);
    caller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  });
});

describe("an export", () => {
  test("is looked at each second until its file is there, which its link alone opens", async () => {
    const { client, asked, clock } = openClient(
      json({ state: "queued" }),
      json({ state: "running" }),
      json({ state: "completed", download_url: "/v1/exports/e/download?expires=1" }),
      () => new Response("id,type\n"),
    );
    const start = clock.now();
    const file = await clock.until(client.exports.download("e"));
    expect([await file.text(), clock.now() - start]).toEqual(["id,type\n", 2_000]);
    expect(asked.at(-1)?.url).toBe("https://events.example/base/v1/exports/e/download?expires=1");
    expect(asked.at(-1)?.headers.has("authorization")).toBe(false);
  });

  test("that fails is an error", async () => {
    const { client } = openClient(json({ state: "failed", error: "the disk is full" }));
    await expect(client.exports.wait("e")).rejects.toThrow("the disk is full");
  });
});

import type { Identity } from "@headgate/control";
import { startPostgres } from "@headgate/storage/testing";
import { createParser } from "eventsource-parser";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { EventsAnswer } from "../../src/api/answer.ts";
import type { EventsRequest } from "../../src/api/request.ts";
import { problemOf, type ShownEvent } from "../ingest/kept.ts";
import { openRig, type Rig } from "../rig.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

/** A consumer of a stream, which keeps what it has received. */
interface Consumer {
  readonly messages: { readonly id?: string | undefined; readonly event?: string | undefined; readonly data: string }[];
  readonly comments: string[];
  readonly retries: number[];
  /** The last id that was sent, also without a message. */
  lastEventId(): string | undefined;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  leave(): Promise<unknown>;
}

function streamRequest(identity: Identity): EventsRequest {
  return { method: "GET", path: "/v1/events/stream", query: "", headers: {}, body: Buffer.alloc(0), identity };
}

function partsOf({ body }: EventsAnswer): AsyncIterator<string> {
  return (body as AsyncIterable<string>)[Symbol.asyncIterator]();
}

async function listen(rig: Rig, as: Identity, query = "", lastEventId?: string): Promise<Consumer> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const answer = await rig.api.answer({ ...streamRequest(as), query, headers });
  if (typeof answer === "symbol") throw new Error("the stream knows its account");
  expect([answer.status, answer.headers.slice(0, 4)]).toEqual([
    200,
    ["Content-Type", "text/event-stream", "Cache-Control", "no-store"],
  ]);
  const parts = partsOf(answer);
  const messages: Consumer["messages"] = [];
  const [comments, retries]: [string[], number[]] = [[], []];
  const parser = createParser({
    onEvent: (message) => messages.push(message),
    onComment: (comment) => comments.push(comment.trim()),
    onRetry: (ms) => retries.push(ms),
  });
  let sent = "";
  const ended = (async () => {
    for (let part = await parts.next(); !part.done; part = await parts.next()) {
      sent += part.value;
      parser.feed(part.value);
    }
  })();
  onTestFinished(() => rig.api.drain());
  await expect.poll(() => sent).not.toBe("");
  return {
    messages,
    comments,
    retries,
    lastEventId: () => [...sent.matchAll(/^id: (.*)$/gm)].at(-1)?.[1],
    ended,
    leave: () => parts.return?.() as Promise<unknown>,
  };
}

const add = (rig: Rig, as: Identity, ...types: string[]) =>
  rig.ask({ as, path: "/v1/events/batch", body: { events: types.map((type) => ({ type })) } });
const typesOf = ({ messages }: Consumer) => messages.map(({ data }) => (JSON.parse(data) as ShownEvent).type);

const engines = [
  { engine: "SQLite", open: async () => [await openRig()] },
  {
    engine: "two instances on PostgreSQL",
    open: async () => {
      const databaseUrl = await postgres?.createDatabase();
      return [await openRig({ databaseUrl }), await openRig({ databaseUrl })];
    },
  },
];

describe.each(engines.slice(0, postgres ? 2 : 1))("on $engine", ({ open }) => {
  async function start(): Promise<{ rig: Rig; other: Rig; as: Identity }> {
    const [rig, other = rig] = (await open()) as [Rig, Rig | undefined];
    return { rig, other, as: await rig.caller("Ada") };
  }

  test("a stream gives every event that is committed from now on, once and in order, as it is shown", async () => {
    const { rig, other, as } = await start();
    await add(rig, as, "before");
    const consumers = [await listen(rig, as), await listen(other, as)];
    await Promise.all([add(rig, as, "a", "b"), add(other, as, "c"), add(rig, as, "d")]);
    for (const consumer of consumers) {
      await expect.poll(() => consumer.messages.length, { timeout: 10_000 }).toBe(4);
      expect(consumer.messages.map(({ id, event }) => [id, event])).toEqual(
        ["2", "3", "4", "5"].map((id) => [id, "event.created"]),
      );
      for (const { data } of consumer.messages) {
        const shown = await rig.ask({ as, path: `/v1/events/${(JSON.parse(data) as ShownEvent).id}` });
        expect(data).toBe(shown.text);
      }
    }
  });

  test("whoever connects again with the last id goes on right after it, on any instance", async () => {
    const { rig, other, as } = await start();
    const first = await listen(rig, as);
    await add(rig, as, "a", "b");
    await expect.poll(() => typesOf(first)).toEqual(["a", "b"]);
    await Promise.all([first.leave(), add(rig, as, "c")]);
    for (const [lastEventId, types] of [
      ["2", ["c"]],
      ["1", ["b", "c"]],
      ["0", ["a", "b", "c"]],
      // Of a database that was restored since: what comes is not kept back until it has come so far.
      ["999999999999999", []],
    ] as const) {
      const again = await listen(other, as, "", lastEventId);
      await add(rig, as, `after-${lastEventId}`);
      await expect.poll(() => typesOf(again).at(-1), { timeout: 10_000 }).toBe(`after-${lastEventId}`);
      expect(typesOf(again).filter((type) => !type.startsWith("after-"))).toEqual(types);
    }
  });

  test("whoever loses the connection before the first event misses none either", async () => {
    const { rig, other, as } = await start();
    await add(rig, as, "before");
    const first = await listen(rig, as);
    expect([first.lastEventId(), first.retries, first.messages]).toEqual(["1", [2_000], []]);
    void first.leave();
    await add(rig, as, "meanwhile");
    const again = await listen(other, as, "", first.lastEventId());
    await expect.poll(() => typesOf(again)).toEqual(["meanwhile"]);
  });

  test("more events than fit into one look come all the same", async () => {
    const { rig, as } = await start();
    for (let i = 0; i < 3; i++) await add(rig, as, ...Array.from({ length: 100 }, () => "a"));
    const consumer = await listen(rig, as, "", "0");
    await expect.poll(() => consumer.messages.length).toBe(300);
    expect(consumer.messages.map(({ id }) => Number(id))).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  test("the end of the service ends all streams, and those that come after", async () => {
    const { rig, as } = await start();
    const consumers = await Promise.all(Array.from({ length: 15 }, () => listen(rig, as)));
    await add(rig, as, "a");
    await expect.poll(() => consumers.map(({ messages }) => messages.length)).toEqual(Array(15).fill(1));
    rig.api.drain();
    await Promise.all(consumers.map(({ ended }) => ended));
    await (await listen(rig, as)).ended;
  });
});

test("a stream gives only what its filter lets through, of its own account", async () => {
  const rig = await openRig();
  const [as, bob] = [await rig.caller("Ada"), await rig.caller("Bob")];
  const consumer = await listen(rig, as, "type=a.*&text=EURO");
  const send = (who: Identity, type: string, note: string) =>
    rig.ask({ as: who, path: "/v1/events", body: { type, metadata: { note } } });
  await send(as, "a.1", "euro");
  await send(as, "a.2", "dollar");
  await send(as, "b.3", "euro");
  await send(bob, "a.4", "euro");
  await send(as, "a.5", "Euro");
  await expect.poll(() => typesOf(consumer)).toEqual(["a.1", "a.5"]);
});

test("line ends within metadata do not end the message", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const consumer = await listen(rig, as);
  const metadata = '{"a":\r\n1,\r"b"\n:\n\n"id: 7\\n"\n}';
  await rig.ask({ as, path: "/v1/events", body: `{"type":"a","metadata":${metadata}}` });
  await expect.poll(() => consumer.messages.length).toBe(1);
  const [{ data, id }] = consumer.messages as [Consumer["messages"][number]];
  expect(id).toBe("1");
  expect(data).toContain(`"metadata":${metadata.replaceAll(/\r\n|\r/g, "\n")},"hash"`);
});

test("where nothing happens a stream says that it is there, and how far it has come", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const consumer = await listen(rig, as, "type=rare");
  await add(rig, as, "usual", "usual");
  const lastIdAfterTick = (): string | undefined => {
    rig.tick();
    return consumer.lastEventId();
  };
  await expect.poll(lastIdAfterTick).toBe("2");
  expect(new Set(consumer.comments)).toEqual(new Set(["still here"]));
  expect(consumer.messages).toEqual([]);
});

test("nothing is left of a stream whose consumer has gone", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const gone = await listen(rig, as);
  await gone.leave();
  await gone.ended;
  const never = await rig.api.answer(streamRequest(as));
  if (typeof never !== "symbol") await partsOf(never).return?.();
  const read = vi.spyOn(rig.storage, "read");
  await add(rig, as, "a");
  rig.tick();
  await rig.api.settled();
  expect(read.mock.calls.map(([{ sql }]) => sql).filter((sql) => sql.startsWith('select * from "events"'))).toEqual([]);
});

// They were counted when they were first read, and given back at their next event: one key could lock its account out.
test("an account has a hundred streams at most, and a place that is left is free at once", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const open = () => rig.api.answer(streamRequest(as));
  const answers = await Promise.all(Array.from({ length: 130 }, open));
  const streams = answers.filter((answer) => typeof answer !== "symbol" && answer.status === 200) as EventsAnswer[];
  expect(streams).toHaveLength(100);
  expect(answers.filter((answer) => typeof answer !== "symbol" && answer.status === 409)).toHaveLength(30);

  const [unread, waiting, ...others] = streams.map(partsOf) as [AsyncIterator<string>, AsyncIterator<string>];
  await waiting.next();
  const next = waiting.next();
  for (const parts of [unread, waiting]) {
    expect(await open()).toMatchObject({ status: 409 });
    await parts.return?.();
    // Again is not another one.
    await parts.return?.();
    expect(await open()).toMatchObject({ status: 200 });
    expect(await open()).toMatchObject({ status: 409 });
  }
  await next;
  expect(others).toHaveLength(98);
});

test("many streams at once are no leak to be warned of", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const warn = vi.spyOn(process, "emitWarning");
  await Promise.all(Array.from({ length: 30 }, () => listen(rig, as)));
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test.each(["-1", "evt_1", "1.5", "1 ", "9".repeat(16), "1,2"])(
  "Last-Event-ID %j is none of the stream's",
  async (id) => {
    const rig = await openRig();
    const as = await rig.caller("Ada");
    const answer = await rig.ask({ as, path: "/v1/events/stream", headers: { "last-event-id": id } });
    expect(problemOf(answer)).toMatchObject({
      status: 400,
      code: "HG_EVENTS_CURSOR",
      errors: [{ parameter: "Last-Event-ID" }],
    });
  },
);

test("a stream takes the filters of lists, and no more", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  for (const query of ["limit=1", "order=asc", "cursor=a", "type=", "from=then"]) {
    const answer = await rig.ask({ as, path: `/v1/events/stream?${query}` });
    expect(problemOf(answer)).toMatchObject({ status: 400, code: "HG_EVENTS_QUERY" });
  }
});

test("a stream ends when its key is revoked, and nothing that comes then is told", async () => {
  const rig = await openRig();
  const as = await rig.caller("Ada");
  const stream = await listen(rig, as);
  await rig.ask({ as, path: "/v1/events", body: { type: "before" } });
  await expect.poll(() => stream.messages.length).toBe(1);
  await rig.control.keys.revoke(as.keyId, "test");
  await rig.ask({ as, path: "/v1/events", body: { type: "after" } });
  await stream.ended;
  expect(stream.messages).toHaveLength(1);
});

test("an account has a hundred streams at most, and may begin another when one has ended", async () => {
  const rig = await openRig();
  const [ada, bob] = [await rig.caller("Ada"), await rig.caller("Bob")];
  const streams = await Promise.all(Array.from({ length: 100 }, () => listen(rig, ada)));
  const refused = await rig.ask({ as: ada, path: "/v1/events/stream" });
  expect(problemOf(refused)).toMatchObject({ status: 409, code: "HG_STREAMS_TOO_MANY" });
  await listen(rig, bob);
  void streams[0]?.leave();
  rig.tick();
  await streams[0]?.ended;
  await listen(rig, ada);
});

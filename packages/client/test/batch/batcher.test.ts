import { getEventListeners } from "node:events";
import { Batcher, type BatcherOptions, type BatchNotice, jsonList, UndeliveredError } from "@headgate/client/batch";
import { virtualClock } from "@headgate/client/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { type BatchApi, batchApi, type Sent } from "./batch-api.ts";

const FOREVER_MS = 24 * 3_600_000;

function rig(options: Partial<BatcherOptions<Sent>> = {}, apiOptions: Parameters<typeof batchApi>[1] = {}) {
  const clock = virtualClock();
  const start = clock.now();
  const api: BatchApi = batchApi(clock, apiOptions);
  const notices: BatchNotice<Sent>[] = [];
  const batcher = new Batcher<Sent>({
    send: api.send,
    clock,
    random: () => 0,
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  const sizes = (): number[] => api.calls.map(({ items }) => items.length);
  const times = (): number[] => api.calls.map(({ at }) => at - start);
  return { clock, api, batcher, notices, sizes, times };
}

function numbered(count: number, key = "k"): Sent[] {
  return Array.from({ length: count }, (_, n) => ({ key, n: n + 1 }));
}

test("a batch goes when it is full, and the last one when its oldest item is old enough", async () => {
  const { clock, batcher, sizes, times, notices } = rig({ maxItems: 3, maxAgeMs: 500 });
  for (const item of numbered(7)) await batcher.add(item);
  await clock.advance(1_000);
  expect(sizes()).toEqual([3, 3, 1]);
  expect(times()).toEqual([0, 5, 500]);
  expect(notices.map((notice) => notice.kind === "flushed" && notice.reason)).toEqual(["count", "count", "age"]);
});

test("a body has at most maxBytes of UTF-8, its envelope and separators counted", async () => {
  const items = ["é", "é", "é"];
  const envelope = jsonList("events");
  const maxBytes = new TextEncoder().encode(JSON.stringify({ events: ["é", "é"] })).length;
  const bodies: string[] = [];
  const batcher = new Batcher<string>({
    send: async (_items, { body }) => {
      bodies.push(body);
      return new Response(null, { status: 204 });
    },
    envelope,
    maxBytes,
  });
  for (const item of items) await batcher.add(item);
  await batcher.close();
  expect(bodies).toEqual(['{"events":["é","é"]}', '{"events":["é"]}']);
});

test("an item that is too large for any call is refused when it is added, and so is one that is no text", async () => {
  const { batcher } = rig({ maxBytes: 30 });
  const item = { key: "k", n: 1e20 };
  await expect(batcher.add(item)).rejects.toMatchObject({ code: "HG_BATCH_ITEM_TOO_LARGE" });
  await expect(batcher.add(undefined as never)).rejects.toMatchObject({ code: "HG_BATCH_ITEM_INVALID" });
  await expect(batcher.add({ n: 1n } as never)).rejects.toMatchObject({ code: "HG_BATCH_ITEM_INVALID" });
  expect(batcher.pending).toBe(0);
});

test("with everyMs a lump goes out evenly", async () => {
  const { clock, batcher, times } = rig({ maxItems: 10, everyMs: 1_000, key: ({ n }) => String(n) });
  for (const item of numbered(50)) await batcher.add(item);
  await clock.advance(10_000);
  expect(times()).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
});

test("items of one key go one call after the other, those of others beside them", async () => {
  const { clock, batcher, api } = rig({ maxItems: 2, key: ({ key }) => key, concurrency: 3 });
  for (const n of [1, 2, 3, 4]) for (const key of ["a", "b"]) await batcher.add({ key, n });
  await clock.until(batcher.close());
  expect(api.beside).toEqual([]);
  for (const key of ["a", "b"]) {
    expect(api.arrived.filter((item) => item.key === key).map(({ n }) => n)).toEqual([1, 2, 3, 4]);
  }
});

test("with maxPerKey 1 order holds though an API takes items after one that it rejects for now", async () => {
  const seen = new Set<number>();
  const order: number[] = [];
  const clock = virtualClock();
  const batcher = new Batcher<Sent>({
    clock,
    key: ({ key }) => key,
    maxPerKey: 1,
    send: async (items) => {
      const rejections = items.flatMap(({ n }, index) => {
        if (n % 2 === 1 || seen.has(n)) order.push(n);
        else return [{ index, retry: !!seen.add(n), reason: "not yet" }];
        return [];
      });
      return { rejections };
    },
  });
  for (const item of numbered(6)) await batcher.add(item);
  await clock.until(batcher.close());
  expect(order).toEqual([1, 2, 3, 4, 5, 6]);
});

test("what failed or hung is sent again, the same under the same key, and arrives once", async () => {
  const moods = ["fails-before", "fails-after", "hangs", "takes"] as const;
  const { clock, batcher, api, notices, times } = rig(
    { maxItems: 2, timeoutMs: 10_000 },
    { moodOf: (call) => moods[call - 1] ?? "takes" },
  );
  const [first] = await Promise.all(numbered(2).map((item) => batcher.add(item)));
  await clock.until((first as { delivered: Promise<void> }).delivered);
  expect(api.arrived.map(({ n }) => n)).toEqual([1, 2]);
  expect(api.reused).toEqual([]);
  // After 1, 2 and 4 s of backoff; the third attempt took its 10 s.
  expect(times()).toEqual([0, 1_005, 3_010, 17_010]);
  expect(notices.filter(({ kind }) => kind === "retried")).toMatchObject([
    { reason: "connection refused" },
    { reason: "connection reset" },
    { reason: "no answer within 10000 ms" },
  ]);
});

test("a Retry-After holds all calls, as does the wait that an error carries", async () => {
  const told = rig(
    { maxItems: 1, key: ({ n }) => String(n), concurrency: 2 },
    { moodOf: (call) => (call === 1 ? "refuses" : "takes") },
  );
  await told.batcher.add({ key: "k", n: 1 });
  await told.clock.advance(5);
  await told.batcher.add({ key: "k", n: 2 });
  await told.clock.until(told.batcher.close());
  expect(told.times()).toEqual([0, 2_005, 2_005]);

  const clock = virtualClock();
  const at: number[] = [];
  const batcher = new Batcher<number>({
    clock,
    random: () => 0,
    send: async () => {
      at.push(clock.now());
      if (at.length === 1) throw Object.assign(new Error("told to wait"), { waitMs: 9_000 });
      return new Response();
    },
  });
  await batcher.add(1);
  await clock.until(batcher.flush());
  expect((at[1] as number) - (at[0] as number)).toBe(9_000);
});

test("of a batch that was taken in part, only what may be taken later is sent again, under another key", async () => {
  const { clock, batcher, api, notices } = rig(
    { maxItems: 4, key: ({ key }) => key },
    { moodOf: (call) => (call === 1 ? "too-busy" : "takes") },
  );
  for (const item of [...numbered(2, "a"), ...numbered(2, "b")]) await batcher.add(item);
  await clock.until(batcher.flush());
  expect(api.calls.map(({ items }) => items.map(({ key, n }) => key + n))).toEqual([
    ["a1", "a2", "b1", "b2"],
    ["a1", "a2"],
  ]);
  expect(notices.filter(({ kind }) => kind === "partial")).toMatchObject([{ items: 4, failed: 0, again: 2 }]);
});

test("an item that the API will never take fails by itself", async () => {
  const { clock, batcher, api, notices } = rig({ maxItems: 4 }, { moodOf: () => "rejects-some" });
  const added = await Promise.all(numbered(4).map((item) => batcher.add(item)));
  await clock.until(batcher.flush());
  const results = await Promise.allSettled(added.map(({ delivered }) => delivered));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  const error = (results[2] as PromiseRejectedResult).reason;
  expect(error).toBeInstanceOf(UndeliveredError);
  expect(error).toMatchObject({
    code: "HG_BATCH_ITEM_REJECTED",
    message: "the API rejected the item: n is a multiple of three",
  });
  expect(notices.find(({ kind }) => kind === "failed")).toMatchObject({ item: { n: 3 } });
  expect(api.calls).toHaveLength(1);
});

test("a batch that is answered 413 goes in halves, and those after it are no larger", async () => {
  const { clock, batcher, sizes, api, notices } = rig({ maxItems: 8 }, { maxBytes: 100 });
  for (const item of numbered(16)) await batcher.add(item);
  await clock.until(batcher.close());
  expect(sizes()[0]).toBe(8);
  expect(api.arrived.map(({ n }) => n)).toEqual(numbered(16).map(({ n }) => n));
  expect(notices.filter(({ kind }) => kind === "split")).toHaveLength(1);
  expect(
    sizes()
      .slice(1)
      .every((size) => size <= 4),
  ).toBe(true);
});

test("where an API takes more again, batches grow back, and never above what the options say", async () => {
  let takes = 100;
  const clock = virtualClock();
  const sent: number[] = [];
  const refused: number[] = [];
  const batcher = new Batcher<number>({
    clock,
    maxBytes: 1_000,
    maxItems: 1_000_000,
    send: async (_items, { body }) => {
      (body.length > takes ? refused : sent).push(body.length);
      return new Response(null, { status: body.length > takes ? 413 : 204 });
    },
  });
  const addAll = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await batcher.add(1_000 + (n % 9_000));
    await clock.until(batcher.flush());
  };
  await addAll(4_000);
  expect(Math.max(...sent)).toBeLessThanOrEqual(100);
  // It is asked for more now and then, and not with each call.
  expect(refused.length).toBeLessThan(sent.length / 30);
  takes = Number.POSITIVE_INFINITY;
  sent.length = 0;
  await addAll(20_000);
  expect(Math.max(...sent)).toBeGreaterThan(990);
  expect(Math.max(...sent)).toBeLessThanOrEqual(1_000);
});

test("an item that is answered 413 alone fails", async () => {
  const { clock, batcher, api } = rig({}, { maxBytes: 10 });
  const { delivered } = await batcher.add({ key: "k", n: 1 });
  await clock.until(batcher.flush());
  await expect(delivered).rejects.toMatchObject({ code: "HG_BATCH_ITEM_TOO_LARGE", status: 413 });
  expect(api.calls).toHaveLength(1);
});

test("a batch that is refused for what it is fails at once, with what the API said", async () => {
  const clock = virtualClock();
  const batcher = new Batcher<number>({ clock, send: async () => new Response("no such bucket", { status: 404 }) });
  const { delivered } = await batcher.add(1);
  await clock.until(batcher.flush());
  await expect(delivered).rejects.toMatchObject({
    code: "HG_BATCH_REFUSED",
    status: 404,
    message: "the API answered 404: no such bucket",
  });
});

test("a 409 is final at first, and passing where the same may still be under way", async () => {
  const clock = virtualClock();
  const statuses = [503, 409, 200, 409];
  const batcher = new Batcher<number>({
    clock,
    send: async () => new Response(null, { status: statuses.shift() ?? 500 }),
  });
  const first = await batcher.add(1);
  await clock.until(batcher.flush());
  await first.delivered;
  const second = await batcher.add(2);
  await clock.until(batcher.flush());
  await expect(second.delivered).rejects.toMatchObject({ status: 409 });
});

test("after giveUpAfterMs a batch fails, and so does an item that is rejected again and again", async () => {
  for (const mood of ["fails-before", "too-busy"] as const) {
    const { clock, batcher } = rig({ giveUpAfterMs: 30_000 }, { moodOf: () => mood });
    const { delivered } = await batcher.add({ key: "k", n: 1 });
    const start = clock.now();
    await clock.until(batcher.flush());
    await expect(delivered).rejects.toMatchObject({ code: "HG_BATCH_GAVE_UP", isKept: false });
    expect(clock.now() - start).toBeLessThan(65_000);
  }
});

test.each([
  [[429, 429, 429, 429], /^after 3 attempts none was carried out; the last: the API answered 429$/],
  [
    [503, 429, 429, 429],
    /^after 3 attempts it is not known whether the item has arrived; the last: the API answered 429$/,
  ],
])("whether an item may have arrived that is given up after %j is told", async (statuses, message) => {
  const clock = virtualClock();
  const batcher = new Batcher<number>({
    clock,
    random: () => 0,
    giveUpAfterMs: 5_000,
    send: async () => new Response(null, { status: statuses.shift() ?? 500 }),
  });
  const { delivered } = await batcher.add(1);
  await clock.until(batcher.close());
  await expect(delivered).rejects.toMatchObject({
    code: "HG_BATCH_GAVE_UP",
    message: expect.stringMatching(message),
  });
});

test("a wait longer than giveUpAfterMs is not waited for", async () => {
  const clock = virtualClock();
  const headers = { "retry-after": "9999999999" };
  const batcher = new Batcher<number>({ clock, send: async () => new Response(null, { status: 503, headers }) });
  const { delivered } = await batcher.add(1);
  const start = clock.now();
  await clock.until(batcher.flush());
  await expect(delivered).rejects.toMatchObject({ code: "HG_BATCH_GAVE_UP" });
  expect(clock.now() - start).toBe(0);
});

test("who adds faster than the API takes waits for room, in order, and may stop waiting", async () => {
  const { clock, batcher, api } = rig({ maxItems: 2, maxPendingItems: 4 });
  const stopping = new AbortController();
  const adding = numbered(10).map((item) => batcher.add(item, item.n === 6 ? { signal: stopping.signal } : {}));
  await clock.advance(0);
  expect(batcher.pending).toBe(4);
  stopping.abort(new Error("enough"));
  await expect(adding[5]).rejects.toThrow("enough");
  await clock.until(batcher.close());
  expect(api.arrived.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10]);
});

test("maxPendingBytes bounds what waits, but never keeps a single item out", async () => {
  const { clock, batcher, api } = rig({ maxPendingBytes: 1 });
  const adding = numbered(3).map((item) => batcher.add(item));
  await clock.advance(0);
  expect(batcher.pending).toBe(1);
  await clock.until(batcher.close());
  await Promise.all(adding);
  expect(api.arrived).toHaveLength(3);
});

test("flush sends what there is at once, and resolves when it is known what became of it", async () => {
  const { clock, batcher, times, notices } = rig({ maxAgeMs: FOREVER_MS });
  await batcher.add({ key: "k", n: 1 });
  await clock.until(batcher.flush());
  expect(batcher.pending).toBe(0);
  expect(times()).toEqual([0]);
  expect(notices).toMatchObject([{ kind: "flushed", reason: "flush", items: 1 }]);
});

test("close takes nothing more, delivers what was taken, and leaves nobody asleep", async () => {
  const { clock, batcher, api } = rig({ maxAgeMs: FOREVER_MS });
  await batcher.add({ key: "k", n: 1 });
  const closed = batcher.close();
  await expect(batcher.add({ key: "k", n: 2 })).rejects.toMatchObject({ code: "HG_BATCHER_CLOSED" });
  await clock.until(closed);
  expect(api.arrived).toHaveLength(1);
  expect(clock.sleepers()).toBe(0);
});

test("close with a deadline fails what is not delivered by then, also where send heeds no signal", async () => {
  const clock = virtualClock();
  const batcher = new Batcher<number>({ clock, send: () => new Promise(() => {}), maxItems: 1, maxPendingItems: 2 });
  const added = [await batcher.add(1), await batcher.add(2)];
  const waiting = batcher.add(3).catch((error: unknown) => error);
  const start = clock.now();
  await clock.until(batcher.close({ deadlineMs: 3_000 }));
  expect(clock.now() - start).toBe(3_000);
  for (const { delivered } of added) await expect(delivered).rejects.toMatchObject({ code: "HG_BATCHER_CLOSED" });
  expect(await waiting).toMatchObject({ code: "HG_BATCHER_CLOSED" });
  expect(batcher.pending).toBe(0);
  expect(clock.sleepers()).toBe(0);
});

test("a batcher can be disposed of", async () => {
  const sent: number[] = [];
  {
    await using batcher = new Batcher<number>({
      send: async (items) => {
        sent.push(...items);
        return { rejections: [] };
      },
    });
    await batcher.add(1);
  }
  expect(sent).toEqual([1]);
});

test("an item is sent as it was when it was added", async () => {
  const bodies: string[] = [];
  const batcher = new Batcher<{ n: number }>({
    send: async (_items, { body }) => {
      bodies.push(body);
      return { rejections: [] };
    },
  });
  const item = { n: 1 };
  await batcher.add(item);
  item.n = 2;
  await batcher.close();
  expect(bodies).toEqual(['[{"n":1}]']);
});

test("an answer that says nothing of rejections rejects nothing", async () => {
  const clock = virtualClock();
  const bodies = ["<html>", "null", "", "{}", '{"rejections":null}'];
  let calls = 0;
  const batcher = new Batcher<number>({ clock, maxItems: 1, send: async () => new Response(bodies[calls++]) });
  const added = await Promise.all(bodies.map((_, n) => batcher.add(n)));
  await clock.until(batcher.close());
  await Promise.all(added.map(({ delivered }) => delivered));
  expect(calls).toBe(bodies.length);
});

test.each([
  ...[null, 7, {}, { index: -1 }, { index: 1 }, { index: 0.5 }, { index: "0" }].map((one) => ({ rejections: [one] })),
  { rejections: 7 },
  { rejections: { 0: "bad" } },
])("rejections that cannot be understood deliver nothing: after %j the same is sent again", async (answer) => {
  for (const answers of [() => Response.json(answer), () => answer as never]) {
    const clock = virtualClock();
    const keys: string[] = [];
    const batcher = new Batcher<number>({
      clock,
      send: async (_items, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        return keys.length === 1 ? answers() : { rejections: [] };
      },
    });
    const { delivered } = await batcher.add(1);
    await clock.until(batcher.close());
    await delivered;
    expect(keys).toEqual([keys[0], keys[0]]);
  }
});

test("an answer that cannot be read, or is none, counts as no answer", async () => {
  const clock = virtualClock();
  const broken = () => new ReadableStream({ pull: (controller) => controller.error(new Error("broke off")) });
  const answers = [() => new Response(broken()), () => undefined, () => ({}), () => ({ rejections: [null] })];
  let calls = 0;
  const batcher = new Batcher<number>({
    clock,
    send: async () => {
      const answer = answers[calls++];
      return (answer ? answer() : new Response()) as Response;
    },
  });
  const { delivered } = await batcher.add(1);
  await clock.until(batcher.flush());
  await delivered;
  expect(calls).toBe(5);
});

test("many calls at once give no signal so many listeners that Node takes them for a leak", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  const { clock, batcher, api } = rig({ maxItems: 1, concurrency: 40, key: ({ n }) => String(n) });
  for (const item of numbered(80)) await batcher.add(item);
  await clock.until(batcher.close({ deadlineMs: 10_000 }));
  expect(api.mostAtOnce()).toBe(40);
  expect(warnings).toEqual([]);
});

test("an option that is no bound is refused by name", () => {
  const send = async () => new Response();
  expect(() => new Batcher({ send, maxItems: 0 })).toThrow("maxItems is 0, and must be 1 or more");
  expect(() => new Batcher({ send, maxAgeMs: Number.NaN })).toThrow("maxAgeMs is NaN");
});

test("an option that is undefined is as if it were not there", async () => {
  const options: object = { key: undefined, maxItems: undefined, maxAgeMs: undefined };
  const { clock, batcher, times } = rig(options);
  await batcher.add({ key: "k", n: 1 });
  await clock.until(batcher.flush());
  expect(times()).toEqual([0]);
});

test("a page that came without TLS, and so has no `randomUUID`, has keys too", async () => {
  vi.spyOn(crypto, "randomUUID").mockImplementation(() => expect.unreachable("there is none"));
  onTestFinished(() => void vi.restoreAllMocks());
  const { clock, batcher, notices } = rig();
  await batcher.add({ key: "k", n: 1 });
  await clock.until(batcher.close());
  expect(notices).toMatchObject([{ idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
});

test("who is sent away from a batcher that closes leaves nothing behind at its signal", async () => {
  const { clock, batcher } = rig({ maxPendingItems: 1, send: () => new Promise(() => {}) });
  const { signal } = new AbortController();
  await batcher.add({ key: "k", n: 1 });
  const waiting = batcher.add({ key: "k", n: 2 }, { signal });
  await Promise.all([
    expect(waiting).rejects.toMatchObject({ code: "HG_BATCHER_CLOSED" }),
    clock.until(batcher.close({ deadlineMs: 100 })),
  ]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test.each([
  ["at once", () => expect.unreachable("the log is full")],
  ["later", () => Promise.reject(new Error("the log is full"))],
])("a hook that throws, %s, changes nothing", async (_, onNotice) => {
  const { clock, batcher, api } = rig({ onNotice });
  await batcher.add({ key: "k", n: 1 });
  await clock.until(batcher.close());
  expect(api.arrived).toHaveLength(1);
});

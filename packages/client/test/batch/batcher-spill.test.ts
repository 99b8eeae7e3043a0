import { Batcher, type BatchNotice, type Spill } from "@headgate/client/batch";
import { virtualClock } from "@headgate/client/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { batchApi, type Mood, type Sent } from "./batch-api.ts";
import { memorySpill, type SpillMemory } from "./memory-spill.ts";

function emptyMemory(): SpillMemory {
  return { items: new Map(), sealed: new Map() };
}

test("add resolves when the item is on record, and a batch is on record before it is sent", async () => {
  const clock = virtualClock();
  const start = clock.now();
  const memory = emptyMemory();
  const api = batchApi(clock);
  const sealedAtCall: number[] = [];
  const batcher = new Batcher<Sent>({
    clock,
    spill: memorySpill(memory, clock, { latencyMs: 10 }),
    maxItems: 1,
    send: (items, call) => {
      sealedAtCall.push(memory.sealed.size);
      return api.send(items, call);
    },
  });
  const adding = batcher.add({ key: "k", n: 1 });
  await clock.advance(9);
  expect(batcher.pending).toBe(0);
  await clock.until(adding);
  expect(clock.now() - start).toBe(10);
  await clock.until(batcher.close());
  expect(sealedAtCall).toEqual([1]);
  expect(memory.items.size).toBe(0);
});

test("what a process before has left goes first: what was under way as it was, under its key, then the rest", async () => {
  const clock = virtualClock();
  const memory = emptyMemory();
  const item = (id: number) => ({ id, key: "k", text: `{"key":"k","n":${id}}` });
  for (const id of [1, 2, 3]) memory.items.set(id, item(id));
  const sealed = { idempotencyKey: "before", ids: [1, 2] };
  for (const id of sealed.ids) memory.sealed.set(id, sealed);
  const calls: { body: string; idempotencyKey: string }[] = [];
  const notices: BatchNotice<Sent>[] = [];
  const batcher = new Batcher<Sent>({
    clock,
    spill: memorySpill(memory, clock),
    onNotice: (notice) => notices.push(notice),
    send: async (_items, { body, idempotencyKey }) => {
      calls.push({ body, idempotencyKey });
      return new Response();
    },
  });
  await clock.until(batcher.add({ key: "k", n: 4 }));
  await clock.until(batcher.close());
  expect(calls).toMatchObject([
    { body: '[{"key":"k","n":1},{"key":"k","n":2}]', idempotencyKey: "before" },
    { body: '[{"key":"k","n":3},{"key":"k","n":4}]' },
  ]);
  expect(notices[0]).toEqual({ kind: "replayed", items: 3, batches: 1, damaged: 0 });
});

test("what is given up, refused for its credential or cut off by a deadline is kept; what is rejected is not", async () => {
  const outcomes = [
    { answer: () => new Response(null, { status: 503 }), code: "HG_BATCH_GAVE_UP", isKept: true },
    { answer: () => new Response(null, { status: 401 }), code: "HG_BATCH_REFUSED", isKept: true },
    { answer: () => new Promise<Response>(() => {}), code: "HG_BATCHER_CLOSED", isKept: true },
    { answer: () => new Response(null, { status: 422 }), code: "HG_BATCH_REFUSED", isKept: false },
    { answer: () => new Response(null, { status: 413 }), code: "HG_BATCH_ITEM_TOO_LARGE", isKept: false },
    { answer: () => Response.json({ rejections: [{ index: 0 }] }), code: "HG_BATCH_ITEM_REJECTED", isKept: false },
  ];
  for (const { answer, code, isKept } of outcomes) {
    const clock = virtualClock();
    const memory = emptyMemory();
    const batcher = new Batcher<number>({
      clock,
      spill: memorySpill(memory, clock),
      giveUpAfterMs: 10_000,
      send: async () => answer(),
    });
    const { delivered } = await clock.until(batcher.add(1));
    await clock.until(batcher.close({ deadlineMs: 30_000 }));
    await expect(delivered).rejects.toMatchObject({ code, isKept });
    expect(memory.items.size).toBe(isKept ? 1 : 0);
  }
});

test("an item that is kept holds nothing up, and goes before all that is added to the next batcher", async () => {
  const clock = virtualClock();
  const spill = memorySpill(emptyMemory(), clock);
  const statuses = [401];
  const arrived: string[] = [];
  const send = async (items: readonly string[]): Promise<Response> => {
    const status = statuses.shift() ?? 200;
    if (status === 200) arrived.push(...items);
    return new Response(null, { status });
  };
  const first = new Batcher<string>({ clock, spill, send });
  const { delivered } = await clock.until(first.add("one"));
  await clock.until(first.flush());
  await expect(delivered).rejects.toMatchObject({ status: 401, isKept: true });
  await clock.until(first.add("two"));
  await clock.until(first.close());
  const second = new Batcher<string>({ clock, spill, send });
  await clock.until(second.add("three"));
  await clock.until(second.close());
  expect(arrived).toEqual(["two", "one", "three"]);
});

test("an item that cannot be put on record was not taken, and has left its room", async () => {
  const clock = virtualClock();
  const spill: Spill = { ...memorySpill(emptyMemory(), clock), append: async () => Promise.reject(new Error("full")) };
  const batcher = new Batcher<number>({ clock, spill, maxPendingItems: 1, send: async () => new Response() });
  await expect(batcher.add(1)).rejects.toThrow("full");
  await expect(batcher.add(2)).rejects.toThrow("full");
  expect(batcher.pending).toBe(0);
  await clock.until(batcher.close());
});

test("a spill that cannot be opened is what add and flush reject with, and close need not care", async () => {
  const clock = virtualClock();
  const spill: Spill = { ...memorySpill(emptyMemory(), clock), open: async () => Promise.reject(new Error("locked")) };
  const batcher = new Batcher<number>({ clock, spill, send: async () => new Response() });
  await expect(batcher.add(1)).rejects.toThrow("locked");
  await expect(batcher.flush()).rejects.toThrow("locked");
  await clock.until(batcher.close());
});

test("wherever processes are killed, what was on record arrives once, in order of its key", async () => {
  const life = fc.record({
    adds: fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 }),
    killedAfterMs: fc.integer({ min: 0, max: 400 }),
    latencyMs: fc.integer({ min: 0, max: 30 }),
  });
  const moods = fc.array(
    fc.constantFrom<Mood>("takes", "takes", "takes", "fails-before", "fails-after", "hangs", "too-busy"),
    { maxLength: 30 },
  );
  const property = fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), moods, async (lives, moods) => {
    const clock = virtualClock();
    const api = batchApi(clock, { moodOf: (call) => moods[call - 1] ?? "takes" });
    const memory = emptyMemory();
    const onRecord: Sent[] = [];
    let n = 0;
    for (const [index, { adds, killedAfterMs, latencyMs }] of lives.entries()) {
      let isKilled = false;
      const isLast = index === lives.length - 1;
      const batcher = new Batcher<Sent>({
        clock,
        key: ({ key }) => key,
        maxItems: 4,
        maxAgeMs: 20,
        timeoutMs: 60,
        backoff: { firstMs: 10, capMs: 50 },
        spill: memorySpill(memory, clock, { latencyMs, isCutOff: () => isKilled }),
        // What a killed process has sent may arrive; what it had not, does not.
        send: (items, call) => (isKilled ? new Promise(() => {}) : api.send(items, call)),
      });
      for (const key of adds) {
        const item = { key, n: n++ };
        batcher.add(item).then(() => {
          if (!isKilled) onRecord.push(item);
        });
      }
      if (isLast) await clock.until(batcher.close());
      else await clock.advance(killedAfterMs);
      isKilled = true;
    }
    for (const key of ["a", "b", "c"]) {
      const arrived = api.arrived.filter((item) => item.key === key).map(({ n }) => n);
      expect(arrived).toEqual([...new Set(arrived)].sort((one, other) => one - other));
    }
    const arrived = new Set(api.arrived.map(({ n }) => n));
    expect(onRecord.filter((item) => !arrived.has(item.n))).toEqual([]);
    expect(api.reused).toEqual([]);
    expect(memory.items.size).toBe(0);
  });
  await fc.assert(property, { numRuns: 100 });
}, 120_000);

import { type Added, Batcher } from "@headgate/client/batch";
import { virtualClock } from "@headgate/client/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { batchApi, type Mood, type Sent } from "./batch-api.ts";

const options = fc.record({
  maxItems: fc.integer({ min: 1, max: 12 }),
  maxBytes: fc.integer({ min: 80, max: 400 }),
  maxAgeMs: fc.integer({ min: 0, max: 2_000 }),
  maxPerKey: fc.constantFrom(1, 2, 1_000),
  everyMs: fc.constantFrom(0, 0, 50, 1_000),
  concurrency: fc.integer({ min: 1, max: 4 }),
  maxPendingItems: fc.integer({ min: 1, max: 40 }),
  maxPendingBytes: fc.integer({ min: 40, max: 2_000 }),
});

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      add: fc.array(fc.nat(30), { minLength: 1, maxLength: 10 }),
      key: fc.constantFrom("a", "b", "c", "é"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ advance: fc.integer({ min: 0, max: 3_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ flush: true }) },
);

const mood = fc.constantFrom<Mood>(
  "takes",
  "takes",
  "fails-before",
  "fails-after",
  "hangs",
  "refuses",
  "rejects-some",
  "too-busy",
);

test("whatever the API does, each item arrives once, in order of its key, and all bounds are kept", async () => {
  const model = fc.asyncProperty(
    options,
    fc.array(step, { minLength: 1, maxLength: 25 }),
    fc.array(mood, { maxLength: 40 }),
    fc.option(fc.integer({ min: 80, max: 300 })),
    async (bounds, steps, moods, apiMaxBytes) => {
      const clock = virtualClock();
      const api = batchApi(clock, {
        moodOf: (call) => moods[call - 1] ?? "takes",
        ...(apiMaxBytes === null ? {} : { maxBytes: apiMaxBytes }),
      });
      const batcher = new Batcher<Sent>({ ...bounds, send: api.send, clock, key: ({ key }) => key, timeoutMs: 5_000 });
      const adding: Promise<Added>[] = [];
      const items: Sent[] = [];
      for (const step of steps) {
        if ("add" in step) {
          for (const size of step.add) {
            const item = { key: step.key, n: items.length, text: "x".repeat(size) };
            items.push(item);
            adding.push(batcher.add(item));
          }
        } else if ("advance" in step) await clock.advance(step.advance);
        else void batcher.flush();
        expect(batcher.pending).toBeLessThanOrEqual(bounds.maxPendingItems);
      }
      await clock.until(batcher.close());

      const fates = await Promise.all(
        adding.map(async (added) =>
          (await added).delivered.then(
            () => true,
            ({ code }) => code,
          ),
        ),
      );
      const delivered = items.filter((_, index) => fates[index] === true);
      const failures = fates.filter((fate) => fate !== true && fate !== "HG_BATCH_ITEM_REJECTED");
      expect(failures).toEqual([]);
      for (const key of ["a", "b", "c", "é"]) {
        const inOrder = (list: readonly Sent[]) => list.filter((item) => item.key === key).map(({ n }) => n);
        expect(inOrder(api.arrived)).toEqual(inOrder(delivered));
      }
      for (const { items: sent, bytes } of api.calls) {
        expect(sent.length).toBeLessThanOrEqual(bounds.maxItems);
        expect(bytes).toBeLessThanOrEqual(bounds.maxBytes);
      }
      expect(api.mostAtOnce()).toBeLessThanOrEqual(bounds.concurrency);
      expect(api.beside).toEqual([]);
      expect(api.reused).toEqual([]);
      expect(batcher.pending).toBe(0);
      expect(clock.sleepers()).toBe(0);
    },
  );
  await fc.assert(model, { numRuns: 100 });
}, 120_000);

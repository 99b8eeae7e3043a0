import fc from "fast-check";
import { expect, test } from "vitest";
import { Queue } from "../../src/pacing/queue.ts";

test("items are in order whatever comes and goes, and each is told how many are before it", () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(50)));
  fc.assert(
    fc.property(steps, (changes) => {
      const queue = new Queue<number>((a, b) => a - b);
      const model = new Set<number>();
      for (const [comes, item] of changes) {
        if (comes && !model.has(item)) {
          expect(queue.add(item)).toBe([...model].filter((other) => other < item).length);
          model.add(item);
        } else {
          queue.remove(item);
          model.delete(item);
        }
        expect(queue.items()).toEqual([...model].sort((a, b) => a - b));
        expect(queue.first).toBe(queue.items()[0]);
      }
    }),
  );
});

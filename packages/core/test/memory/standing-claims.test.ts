import fc from "fast-check";
import { expect, test } from "vitest";
import { ALONE, type Limit, MemoryStore, WORDS_PER_CLAIM } from "../../src/index.ts";
import { ALGORITHMS, anyLimit } from "../arbitrary.ts";

const PARTITIONS = ["a", "b", ""];

const limits = fc.array(
  fc.constantFrom(...ALGORITHMS).chain((algorithm) => anyLimit(algorithm)),
  { minLength: 1, maxLength: 4 },
);
const visits = fc.array(
  fc.record({ caller: fc.nat({ max: 2 }), gapMs: fc.nat({ max: 60 }), isStanding: fc.boolean() }),
  {
    maxLength: 60,
  },
);

test("standing claims say what the store says, and count together with claims that are made once", () => {
  fc.assert(
    fc.property(limits, visits, (limits, visits) => {
      const plain = new MemoryStore({ maxPartitions: 100 });
      const mixed = new MemoryStore({ maxPartitions: 100 }, ALONE);
      const standing = mixed.standing(limits.map((limit) => ({ limit, cost: 1 })));
      const words = limits.length * WORDS_PER_CLAIM;
      const places = new Int32Array(PARTITIONS.length * words);
      for (const [i, partition] of PARTITIONS.entries())
        standing.locate(
          limits.map(() => partition),
          places,
          i * words,
        );
      let now = 1_000_000;
      for (const { caller, gapMs, isStanding } of visits) {
        now += gapMs;
        const claims = limits.map((limit: Limit) => ({ limit, partition: PARTITIONS[caller] as string, cost: 1 }));
        const said = isStanding ? standing.consume(places, caller * words, now) : mixed.consume(claims, now);
        expect(said).toEqual(plain.consume(claims, now));
      }
    }),
  );
});

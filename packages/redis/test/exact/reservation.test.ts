import { type Claim, defineLimit } from "@headgate/core";
import { afterAll, describe, expect, test } from "vitest";
import { slotOf } from "../../src/connect/slot.ts";
import { connectRedis, type Link } from "../../src/index.ts";
import { hasRedis, startRedis } from "../servers/redis-server.ts";
import { type Run, storeOver, watched } from "./rig.ts";

const server = hasRedis ? await startRedis() : undefined;
const link = (server && (await connectRedis(server.url))) as Link;
afterAll(async () => {
  await link?.close();
  await server?.end();
});

const NOW = 1_900_000_000_000;
const perCaller = defineLimit({ name: "per caller", quota: 5, windowMs: 60_000 });
const forAll = defineLimit({ name: "for all", quota: 50, windowMs: 60_000, algorithm: "sliding-window" });
const inFlight = defineLimit({ name: "in flight", quota: 50, algorithm: "concurrency" });
const claimsOf = (caller: string): Claim[] => [
  { limit: perCaller, partition: caller, cost: 1 },
  { limit: forAll, partition: "", cost: 1 },
  { limit: inFlight, partition: "everybody", cost: 1 },
];
const apart = (before?: (run: Run) => void) => ({ ...watched(link, before), hasSlots: true, slotOf });

describe.skipIf(!hasRedis)("limits of one request in several slots", () => {
  test("are one call for each slot", async () => {
    const slots = apart();
    const verdicts = await storeOver(slots).consume(claimsOf("a"), NOW);
    expect(verdicts.map(({ limit, used }) => [limit.name, used])).toEqual([
      ["per caller", 1],
      ["for all", 1],
      ["in flight", 1],
    ]);
    expect(slots.runs).toHaveLength(3);
  });

  test("are never used above their quotas by requests that compete, and not at all by those that were denied", async () => {
    const store = storeOver(apart());
    const callers = Array.from({ length: 200 }, (_, i) => `caller ${i % 20}`);
    const told = await Promise.all(callers.map((caller) => store.consume(claimsOf(caller), NOW)));
    const admitted = told.filter((verdicts) => verdicts.every((verdict) => verdict.admitted)).length;
    expect(admitted).toBeGreaterThan(0);
    expect(admitted).toBeLessThanOrEqual(50);
    expect(told.flat().every(({ limit, used }) => used <= limit.quota)).toBe(true);

    const left = await Promise.all([...new Set(callers)].map((caller) => store.peek(claimsOf(caller), NOW)));
    expect(left.reduce((sum, [own]) => sum + (own?.used ?? 0), 0)).toBe(admitted);
    for (const [, all, places] of left) expect([all?.used, places?.used]).toEqual([admitted, admitted]);
  });

  test("are given back where they were charged when one of the slots fails", async () => {
    let failing: string | undefined;
    const store = storeOver(
      apart(({ keys }) => {
        if (failing !== undefined && keys.some((key) => key.includes(failing as string))) throw new Error("lost");
      }),
    );
    await store.consume(claimsOf("a"), NOW);
    const names = apart();
    await storeOver(names, { prefix: "probe" }).peek([{ limit: perCaller, partition: "a", cost: 1 }], NOW);
    failing = names.runs[0]?.keys[0]?.slice("probe".length);
    await expect(store.consume(claimsOf("a"), NOW)).rejects.toThrow("lost");
    failing = undefined;
    expect((await store.peek(claimsOf("a"), NOW)).map(({ used }) => used)).toEqual([1, 1, 1]);
  });
});

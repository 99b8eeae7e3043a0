import { type Charge, type Claim, MemoryStore, NOT_CHARGED, type Store, type Verdict } from "@headgate/core";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { slotOf } from "../../src/connect/slot.ts";
import { connectRedis, type Link } from "../../src/index.ts";
import { hasRedis, startRedis } from "../servers/redis-server.ts";
import { storeOver, watched } from "./rig.ts";
import { forwards, oneByOne, type Step, type Timeline, timelines } from "./timeline.ts";

const server = hasRedis ? await startRedis() : undefined;
const link = (server && (await connectRedis(server.url))) as Link;
afterAll(async () => {
  await link?.close();
  await server?.end();
});

const smallMemory = () => new MemoryStore({ maxPartitions: 1_000, maxHolders: 4_096 });

describe.skipIf(!hasRedis)("what TypeScript says of a timeline, Lua says too, to the unit and to the ms", () => {
  test("with the requests of each tick in one call", async () => {
    await fc.assert(
      fc.asyncProperty(timelines, async (timeline) => {
        expect(await play(storeOver(link), timeline)).toEqual(await play(smallMemory(), timeline));
      }),
      { numRuns: 300 },
    );
  });

  test("with the limits of a request in several slots, if one request comes after the other", async () => {
    const apart = { ...watched(link), hasSlots: true, slotOf };
    await fc.assert(
      fc.asyncProperty(timelines.map(forwards).map(oneByOne), async (timeline) => {
        expect(await play(storeOver(apart), timeline)).toEqual(await play(smallMemory(), timeline));
      }),
      { numRuns: 100 },
    );
  });
});

/** Everything that a store says of a timeline. */
async function play(store: Store, { start, ticks }: Timeline): Promise<unknown[]> {
  const charges: Charge[] = [];
  const told: unknown[] = [];
  let now = start;
  for (const { gapMs, steps } of ticks) {
    now += gapMs;
    const answers = await Promise.all(steps.map((step) => ask(store, step, charges, now)));
    for (const [i, step] of steps.entries()) {
      const verdicts = answers[i] ?? [];
      told.push({ now, kind: step.kind, verdicts: verdicts.map(comparable) });
      if (step.kind === "consume" || step.kind === "charge") charges.push(...chargesOf(step.claims, verdicts));
    }
  }
  return told;
}

async function ask(store: Store, step: Step, charges: readonly Charge[], now: number): Promise<readonly Verdict[]> {
  if (step.kind === "refund") {
    const picked = charges.length === 0 ? [] : step.charges.map((number) => charges[number % charges.length] as Charge);
    return store.refund(picked, now);
  }
  if (step.kind !== "reset") return store[step.kind](step.claims, now);
  await store.reset(step.claims);
  return [];
}

function chargesOf(claims: readonly Claim[], verdicts: readonly Verdict[]): Charge[] {
  return verdicts.map(({ ticket }, i) => ({ claim: claims[i] as Claim, ticket }));
}

/** Tickets of places in flight are each store's own. */
function comparable(verdict: Verdict): unknown {
  const { limit, ticket } = verdict;
  const isOwn = limit.algorithm === "concurrency" && ticket !== NOT_CHARGED;
  return { ...verdict, limit: limit.name, ticket: isOwn ? "a place" : ticket };
}

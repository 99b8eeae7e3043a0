import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openControl } from "@headgate/control";
import { openStorage } from "@headgate/storage";
import { summarize } from "./measure.ts";

/**
 * API keys created a second on SQLite, each answered after it is on disk: the row, its audit entry, and the chain of
 * hashes. Levels of concurrency are interleaved, each round on a database of its own, so that none has a fuller one.
 */
const ROUNDS = 5;
const LEVELS = [
  { inFlight: 1, keys: 2_000 },
  { inFlight: 32, keys: 20_000 },
  { inFlight: 256, keys: 40_000 },
];

const samples = new Map<number, number[]>(LEVELS.map(({ inFlight }) => [inFlight, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const { inFlight, keys } of LEVELS) {
    const perSecond = await keysPerSecond(inFlight, keys);
    if (round > 0) samples.get(inFlight)?.push(perSecond);
  }
}
console.log(`keys created a second, median of ${ROUNDS} rounds`);
console.table(
  Object.fromEntries(
    [...samples].map(([inFlight, values]) => {
      const { median, low, high } = summarize(String(inFlight), values);
      return [`${inFlight} in flight`, { median: Math.round(median), low: Math.round(low), high: Math.round(high) }];
    }),
  ),
);

async function keysPerSecond(inFlight: number, keys: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-bench-"));
  const storage = await openStorage({ folder });
  const control = await openControl({ storage, clock: Date.now, log: console });
  const { id: accountId } = await control.accounts.create({ name: "bench" }, "bench");
  let left = keys;
  const create = async (): Promise<void> => {
    while (left-- > 0) await control.keys.create({ accountId, prefix: "hg_sk_" }, "bench");
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, create));
  const seconds = (performance.now() - start) / 1_000;
  if (control.directory.counts.keys !== keys) throw new Error("not every key is there");
  await control.close();
  await storage.close();
  await rm(folder, { recursive: true });
  return keys / seconds;
}

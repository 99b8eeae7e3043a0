// One process of several that share a quota in Redis. It opens counters as `serve` does, asks as it is told by lines on
// standard input, and says of each request that is admitted in which window, before it asks for the next.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { setImmediate as nextTick, setTimeout as pause } from "node:timers/promises";
import { defineLimit, HeadgateError } from "@headgate/core";
import { loadPolicy, type Policy } from "@headgate/policy";
import { openCounters } from "../../../packages/headgate/src/counters.ts";
import { placeCounters } from "../../../packages/headgate/src/counters-place.ts";
import type { CallerOrder, CallerSettings } from "./caller-process.ts";

/** How long a lane waits that has met an error, as callers do. */
const AFTER_ERROR_MS = 20;

const { url, mode, budgetMs, quota, windowMs } = JSON.parse(process.argv[2] ?? "") as CallerSettings;
const limit = defineLimit({ name: "calls", quota, windowMs });
const { policy } = loadPolicy(`headgate: 1\nlimits: []\nstore: { redis: { mode: ${mode}, budget: ${budgetMs}ms } }`);
const log = { info() {}, warn() {}, error: console.error };
const counters = await openCounters(placeCounters(policy as Policy, url), { log }).catch(({ message }: Error) => {
  console.error(`a caller cannot count: ${message}`);
  process.exit(1);
});
say("ready");
for await (const line of createInterface(process.stdin)) {
  await obey(JSON.parse(line) as CallerOrder);
  say("done");
}
await counters.close();

async function obey({ partition, requests, lanes, everyMs, dies }: CallerOrder): Promise<void> {
  let left = requests;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      await (everyMs === undefined ? nextTick() : pause(everyMs));
      await ask(partition);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (dies) process.kill(process.pid, "SIGKILL");
}

async function ask(partition: string): Promise<void> {
  const askedAt = Date.now();
  try {
    const [verdict] = await counters.store.consume([{ limit, partition, cost: 1 }], askedAt);
    if (verdict?.admitted) say(`${partition} ${verdict.ticket} ${askedAt}`);
  } catch (error) {
    if (!(error instanceof HeadgateError)) throw error;
    await pause(AFTER_ERROR_MS);
  }
}

/** At once: what has been said is not lost when this process is killed. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { MirroredDirectory, type MirrorSource } from "@headgate/control/lookup";
import { ChangeCounts, DEFAULT_TRANSPORT_LIMITS, keepGate, type PolicySource, shareOf } from "@headgate/gateway";
import { loadPolicy, type Policy } from "@headgate/policy";
import { openCounters } from "./counters.ts";
import type { CountersPlace } from "./counters-place.ts";
import { docsPages } from "./docs-pages.ts";
import { createLog } from "./log.ts";

/** What a thread with a gate is given by the one that starts it. */
export interface GateThreadData {
  /** From 1 on. */
  readonly number: number;
  /** How many there are. */
  readonly size: number;
  readonly policy: PolicySource;
  /** Instead of the policies' own. */
  readonly upstream: string | undefined;
  readonly records: MirrorSource;
  readonly counters: CountersPlace;
  /** Of the built-in API, in bytes. */
  readonly maxBodyBytes: number;
  /** Of its changes, counted. */
  readonly changes: SharedArrayBuffer;
}

/** How often what has ended is forgotten. */
const SWEEP_EVERY_MS = 10_000;

const {
  number,
  size,
  policy,
  upstream,
  records,
  counters: place,
  maxBodyBytes,
  changes,
} = workerData as GateThreadData;
const log = createLog();
const clock = Date.now;
const directory = new MirroredDirectory(records, clock);
const counters = await openCounters(place, { owner: number, log });
const sweep = setInterval(() => directory.sweep(clock()), SWEEP_EVERY_MS);

keepGate(parentPort as MessagePort, {
  policy: compile(policy),
  store: counters.store,
  withoutStore: counters.withoutStore,
  storeNumbers: counters.numbers,
  clock,
  log,
  upstream: upstream === undefined ? undefined : new URL(upstream),
  limits: shareOf(DEFAULT_TRANSPORT_LIMITS, size),
  directory,
  maxBodyBytes,
  changes: new ChangeCounts(changes),
  pagesOf: docsPages,
  compile,
  async close() {
    clearInterval(sweep);
    await counters.close();
  },
});

/** It has been compiled in the main thread already, without faults. */
function compile({ text, file, beside = {} }: PolicySource): Policy {
  return loadPolicy(text, { file, readFile: (path) => beside[path] as string }).policy as Policy;
}

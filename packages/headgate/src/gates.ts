import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { MirrorFeed, type StoreNumbers } from "@headgate/control";
import {
  type BuiltinApi,
  type ChangeCounts,
  Crew,
  checkServable,
  createGateway,
  type DeskOptions,
  type GatewayLog,
  type ListenOptions,
  type PolicySource,
  withStandingAnswers,
} from "@headgate/gateway";
import type { Policy } from "@headgate/policy";
import type { Counters } from "./counters.ts";
import { docsPages } from "./docs-pages.ts";
import type { GateThreadData } from "./gate-thread.ts";
import { together } from "./store-numbers.ts";

/** A policy, and the file it was compiled from. */
export interface PolicyInForce {
  readonly file: string;
  readonly text: string;
  /** The texts of the files that it names, by their paths. */
  readonly beside?: Readonly<Record<string, string>> | undefined;
  readonly policy: Policy;
}

/** The gate, in this thread or in several. */
export interface Gates {
  /** Rejects with the system's error where the port cannot be had. */
  listen(where: ListenOptions): Promise<AddressInfo>;
  /** Rejects as `createGateway` throws, and then the old policy stays. */
  reload(next: PolicyInForce): Promise<void>;
  /** What was seen of a store across a network, by all threads together; undefined where counters are in memory. */
  readonly storeNumbers: (() => Promise<StoreNumbers>) | undefined;
  /** Resolves when the requests in flight have ended. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface GatesOptions extends DeskOptions {
  readonly workers: number;
  readonly inForce: PolicyInForce;
  readonly upstream: URL | undefined;
  readonly builtin: BuiltinApi;
  /** What `builtin` counts its changes by. */
  readonly changes: ChangeCounts;
  /** This thread's own. */
  readonly counters: Counters;
  readonly log: GatewayLog;
}

/** Makes what does not listen yet. Throws `HG_UPSTREAM_MISSING` or `HG_JWKS_UNREADABLE`. */
export function createGates(options: GatesOptions): Gates {
  return options.workers === 1 ? gateInThisThread(options) : gatesInThreads(options);
}

function gateInThisThread({ inForce, counters, changes, ...options }: GatesOptions): Gates {
  const { store, withoutStore, numbers } = counters;
  const builtin = withStandingAnswers(options.builtin, changes);
  const { policy } = inForce;
  const gateway = createGateway({ ...options, builtin, policy, store, withoutStore, pagesOf: docsPages });
  return {
    listen: (where) => gateway.listen(where),
    reload: async ({ policy }) => gateway.reload(policy),
    storeNumbers: numbers && (async () => numbers()),
    drain: () => gateway.drain(),
    close: () => gateway.close(),
  };
}

/** Threads are sources in a clone, and what was built from them in a package. */
const THREAD = new URL(`./gate-thread${extname(import.meta.url)}`, import.meta.url);

function gatesInThreads(options: GatesOptions): Gates {
  const { workers: size, inForce, upstream, builtin, changes, counters, log, control } = options;
  const { numbers } = counters;
  const check = ({ policy }: PolicyInForce): void => checkServable(policy, upstream, true);
  check(inForce);
  const mirrors = new MirrorFeed(control);
  const crew = new Crew({
    size,
    policy: sourceOf(inForce),
    desk: options,
    mirrors,
    log,
    start(number, policy, records) {
      const data: GateThreadData = {
        number,
        size,
        policy,
        upstream: upstream?.href,
        records,
        counters: counters.place,
        maxBodyBytes: builtin.maxBodyBytes,
        changes: changes.memory,
      };
      return new Worker(THREAD, { name: `gate ${number}`, workerData: data, transferList: [records.port] });
    },
    onDeath: (number) => counters.recover(number),
  });
  const closing = async (end: Promise<void>): Promise<void> => {
    await end;
    mirrors.close();
  };
  return {
    listen: (where) => crew.listen(where),
    async reload(next) {
      check(next);
      await crew.reload(sourceOf(next));
    },
    storeNumbers: numbers && (async () => together([numbers(), ...(await crew.storeNumbers())])),
    drain: () => closing(crew.drain()),
    close: () => closing(crew.close()),
  };
}

function sourceOf({ file, text, beside }: PolicyInForce): PolicySource {
  return { file, text, beside };
}

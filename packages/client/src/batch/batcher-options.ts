import { HeadgateError } from "@headgate/core";
import type { Clock } from "../clock.ts";
import { given } from "../given.ts";
import { systemClock } from "../system-clock.ts";
import type { Backoff } from "../waiting/backoff.ts";
import type { BatchNotice } from "./batch-notice.ts";
import { type Envelope, jsonList } from "./envelope.ts";
import { type Rejection, readRejections } from "./rejection.ts";
import type { Send } from "./send.ts";
import type { Spill } from "./spill.ts";

/** How a batcher collects items, and sends them. Times are in ms. */
export interface BatcherOptions<Item> {
  /** Sends a batch once; the batcher sees to all the rest. */
  readonly send: Send<Item>;
  /**
   * Items of one key are never in two calls at once, and go in the order in which they were added; those of different
   * keys go beside each other. Without it all have one key. One that has failed holds nothing up: if it is kept, it goes
   * when a batcher is opened on the spill again, after what this one has delivered.
   */
  readonly key?: (item: Item) => string;
  /** Of items in a call. Default: 100. */
  readonly maxItems?: number;
  /** Of a call's body, in UTF-8. Default: 1 000 000. */
  readonly maxBytes?: number;
  /** How long an item waits for others to go with it, where its key and the pace let it go. Default: 1 000. */
  readonly maxAgeMs?: number;
  /**
   * Of items of one key in a call. With 1 order holds even where an API rejects an item that it may take later, and takes
   * one after it. Default: as many as fit.
   */
  readonly maxPerKey?: number;
  /** Time from the beginning of one call to the beginning of the next, so that what comes in a lump goes out evenly. Default: 0. */
  readonly everyMs?: number;
  /** Of calls at the same time. Default: 4. */
  readonly concurrency?: number;
  /** How many items `add` takes before it makes callers wait. Default: 10 000. */
  readonly maxPendingItems?: number;
  /** How many bytes, likewise. Default: 64 000 000. */
  readonly maxPendingBytes?: number;
  /** How long one attempt may take, waits of an obeyed fetch among it. Default: 120 000. */
  readonly timeoutMs?: number;
  /**
   * How long a batch is tried again, and how long an item that is rejected again and again. Shorter than an API keeps
   * idempotency keys. Default: 600 000.
   */
  readonly giveUpAfterMs?: number;
  /** Default: 1 s, doubled with each failure, 60 s at most; then up to a quarter more. */
  readonly backoff?: Backoff;
  /** What stands around items in a body. Default: a JSON list. */
  readonly envelope?: Envelope;
  /** An item as it stands in a body. Default: `JSON.stringify`. */
  readonly toText?: (item: Item) => string;
  /** An item of a spill, as `send` gets it. Default: `JSON.parse`. */
  readonly fromText?: (text: string) => Item;
  /** Which items of a batch an answer rejects. What it throws counts as no answer. Default: `readRejections`. */
  readonly rejectionsOf?: (response: Response) => readonly Rejection[] | Promise<readonly Rejection[]>;
  /** Where items are kept until they are delivered, so that they outlast the process. */
  readonly spill?: Spill;
  /** Is told of every decision. What it throws is ignored. */
  readonly onNotice?: (notice: BatchNotice<Item>) => void;
  readonly clock?: Clock;
  /** From 0 on and below 1; for tests. */
  readonly random?: () => number;
}

/** The options with their defaults. */
export type BatcherSettings<Item> = Required<Omit<BatcherOptions<Item>, "spill">> & {
  readonly spill: Spill | undefined;
};

/** @throws HeadgateError `HG_BATCHER_OPTION` where a bound is not one */
export function toSettings<Item>(options: BatcherOptions<Item>): BatcherSettings<Item> {
  const settings: BatcherSettings<Item> = {
    key: () => "",
    maxItems: 100,
    maxBytes: 1_000_000,
    maxAgeMs: 1_000,
    maxPerKey: Number.POSITIVE_INFINITY,
    everyMs: 0,
    concurrency: 4,
    maxPendingItems: 10_000,
    maxPendingBytes: 64_000_000,
    timeoutMs: 120_000,
    giveUpAfterMs: 600_000,
    backoff: {},
    envelope: jsonList(),
    toText: JSON.stringify,
    fromText: JSON.parse,
    rejectionsOf: readRejections,
    spill: undefined,
    onNotice: () => {},
    clock: systemClock,
    random: Math.random,
    ...given(options),
  };
  for (const [name, value] of Object.entries(settings)) {
    const least = name.endsWith("Ms") ? 0 : 1;
    if (typeof value === "number" && !(value >= least)) {
      throw new HeadgateError("HG_BATCHER_OPTION", `${name} is ${value}, and must be ${least} or more`);
    }
  }
  return settings;
}

import type { Batch } from "./batch.ts";
import type { Outcome } from "./delivery.ts";
import type { Entry } from "./entry.ts";
import type { Rejection } from "./rejection.ts";
import { UndeliveredError } from "./undelivered-error.ts";

/** What an outcome means for the items of a batch: each is in one of these. */
export interface Verdict<Item> {
  readonly delivered: Entry<Item>[];
  readonly failed: { readonly entry: Entry<Item>; readonly error: UndeliveredError }[];
  /** To be sent again, in other batches. */
  readonly again: Entry<Item>[];
}

/** What is said of items that are rejected again and again. */
export interface Patience {
  readonly now: number;
  readonly giveUpAfterMs: number;
  /** Whether what is given up is kept. */
  readonly isKept: boolean;
}

/** Says it of each. A single item that is too large has failed; of several, smaller batches may be taken. */
export function judge<Item>(batch: Batch<Item>, outcome: Outcome, patience: Patience): Verdict<Item> {
  const { entries, bytes } = batch;
  if (outcome.kind === "answered") return judgeEach(entries, outcome.rejections, patience);
  if (outcome.kind === "too-large" && entries.length > 1) return { delivered: [], failed: [], again: [...entries] };
  const error =
    outcome.kind === "failed"
      ? outcome.error
      : new UndeliveredError("HG_BATCH_ITEM_TOO_LARGE", `the API answered 413 to the item alone, ${bytes} bytes`, {
          status: 413,
        });
  return { delivered: [], failed: entries.map((entry) => ({ entry, error })), again: [] };
}

function judgeEach<Item>(
  entries: readonly Entry<Item>[],
  rejections: ReadonlyMap<number, Rejection>,
  { now, giveUpAfterMs, isKept }: Patience,
): Verdict<Item> {
  const verdict: Verdict<Item> = { delivered: [], failed: [], again: [] };
  entries.forEach((entry, index) => {
    const rejection = rejections.get(index);
    if (!rejection) {
      verdict.delivered.push(entry);
    } else if (!rejection.retry) {
      const error = new UndeliveredError("HG_BATCH_ITEM_REJECTED", `the API rejected the item: ${rejection.reason}`);
      verdict.failed.push({ entry, error });
    } else if (entry.noteRejection(now) >= giveUpAfterMs) {
      const message = `the API rejected the item ${entry.rejections} times; the last: ${rejection.reason}`;
      verdict.failed.push({ entry, error: new UndeliveredError("HG_BATCH_GAVE_UP", message, { isKept }) });
    } else {
      verdict.again.push(entry);
    }
  });
  return verdict;
}

import { parseRetryAfter } from "@headgate/core";
import { backoffMs } from "../waiting/backoff.ts";
import type { Batch } from "./batch.ts";
import type { BatcherSettings } from "./batcher-options.ts";
import type { Entry } from "./entry.ts";
import type { Rejection } from "./rejection.ts";
import { UndeliveredError } from "./undelivered-error.ts";

/** What became of a batch in the end. */
export type Outcome =
  | { readonly kind: "answered"; readonly rejections: ReadonlyMap<number, Rejection> }
  | { readonly kind: "too-large" }
  | { readonly kind: "failed"; readonly error: UndeliveredError };

/** An attempt that failed, and is made again. */
export interface Retry {
  /** Which it was, from 1 on. */
  readonly attempt: number;
  readonly waitMs: number;
  readonly reason: string;
  /** Whether the API said how long to wait. */
  readonly isTold: boolean;
}

/** How a batch is watched while it is sent. */
export interface Watch {
  /** Ends it at once, with the error that is the signal's reason. */
  readonly signal: AbortSignal;
  readonly onRetry: (retry: Retry) => void;
}

/** Why an attempt may be made again. */
interface Setback {
  readonly kind: "setback";
  readonly reason: string;
  /** As the API told. */
  readonly waitMs: number | undefined;
  /** Whether the attempt may have been carried out all the same. */
  readonly mayHaveArrived: boolean;
  readonly cause?: unknown;
}

/** So much of a refusal's body goes into the error. */
const LONGEST_REASON = 500;

/** Sends a batch, the same under the same key, until it is known what became of it, or too long. Never rejects. */
export async function deliver<Item>(
  batch: Batch<Item>,
  settings: BatcherSettings<Item>,
  { signal, onRetry }: Watch,
): Promise<Outcome> {
  const { clock, backoff, random, giveUpAfterMs, spill } = settings;
  const givesUpAt = clock.now() + giveUpAfterMs;
  let mayHaveArrived = false;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const outcome = await attemptInTime(batch, attempt, settings, signal).catch(setbackOf);
    if (signal.aborted) break;
    if (outcome.kind !== "setback") return outcome;
    const { reason, waitMs: toldMs, cause } = outcome;
    mayHaveArrived ||= outcome.mayHaveArrived;
    const waitMs = Math.max(toldMs ?? 0, backoffMs(attempt, backoff, random));
    if (clock.now() + waitMs > givesUpAt) {
      const known = mayHaveArrived ? "it is not known whether the item has arrived" : "none was carried out";
      const message = `after ${attempt} attempts ${known}; the last: ${reason}`;
      const error = new UndeliveredError("HG_BATCH_GAVE_UP", message, { isKept: spill !== undefined, cause });
      return { kind: "failed", error };
    }
    onRetry({ attempt, waitMs, reason, isTold: toldMs !== undefined });
    await clock.sleep(waitMs, signal).catch(() => {});
  }
  return { kind: "failed", error: signal.reason };
}

/** Makes an attempt that ends in time, even where `send` does not heed its signal. */
async function attemptInTime<Item>(
  batch: Batch<Item>,
  attempt: number,
  settings: BatcherSettings<Item>,
  signal: AbortSignal,
): Promise<Outcome | Setback> {
  const { clock, timeoutMs } = settings;
  const ending = new AbortController();
  const stop = (): void => ending.abort(signal.reason);
  signal.addEventListener("abort", stop);
  const expiry = clock.sleep(timeoutMs, ending.signal).then(() => {
    throw new Error(`no answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([expiry, attemptOnce(batch, attempt, settings, ending.signal)]);
  } finally {
    signal.removeEventListener("abort", stop);
    ending.abort();
  }
}

async function attemptOnce<Item>(
  { entries, body, idempotencyKey }: Batch<Item>,
  attempt: number,
  { send, rejectionsOf, spill, clock }: BatcherSettings<Item>,
  signal: AbortSignal,
): Promise<Outcome | Setback> {
  await spill?.seal({ idempotencyKey, ids: entries.map(({ content }) => content.id) });
  signal.throwIfAborted();
  const items = entries.map(({ content }) => content.item);
  const answer = await send(items, { body, idempotencyKey, signal, attempt });
  if (!("status" in answer)) return answered(entries, answer.rejections);
  if (answer.ok) return answered(entries, await rejectionsOf(answer));
  const { status, headers } = answer;
  const text = await answer.text();
  if (status === 413) return { kind: "too-large" };
  const reason = `the API answered ${status}`;
  if (isPassing(status, attempt)) {
    const waitMs = parseRetryAfter(headers.get("retry-after") ?? "", clock.now());
    return { kind: "setback", reason, waitMs, mayHaveArrived: status !== 429 };
  }
  // A body that is at fault stays so; all else, such as a credential, can be put right before it is sent again.
  const isKept = spill !== undefined && status !== 400 && status !== 422;
  const message = `${reason}: ${text.slice(0, LONGEST_REASON)}`;
  return { kind: "failed", error: new UndeliveredError("HG_BATCH_REFUSED", message, { status, isKept }) };
}

/** @throws Error where a rejection is of no item of the batch, so that it is not known which were taken */
function answered<Item>(entries: readonly Entry<Item>[], rejections: readonly Rejection[]): Outcome {
  for (const { index } of rejections) {
    if (!Number.isInteger(index) || !(index in entries)) throw new Error(`the batch has no item ${index} to reject`);
  }
  return { kind: "answered", rejections: new Map(rejections.map((rejection) => [rejection.index, rejection])) };
}

/** After the first attempt, a 409 may say that the same is still under way. */
function isPassing(status: number, attempt: number): boolean {
  return status >= 500 || status === 429 || status === 408 || status === 425 || (status === 409 && attempt > 1);
}

function setbackOf(cause: unknown): Setback {
  const { message, waitMs } = (cause ?? {}) as { readonly message?: unknown; readonly waitMs?: unknown };
  const toldMs = typeof waitMs === "number" && waitMs >= 0 ? waitMs : undefined;
  return { kind: "setback", reason: String(message ?? cause), waitMs: toldMs, mayHaveArrived: true, cause };
}

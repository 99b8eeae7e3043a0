import type { UndeliveredError } from "./undelivered-error.ts";

/** What the batcher did with items, for logs and traces. */
export type BatchNotice<Item> =
  /** A spill had items of a process before this one; `damaged` records of it could not be read. */
  | { readonly kind: "replayed"; readonly items: number; readonly batches: number; readonly damaged: number }
  | (BatchLabel & { readonly kind: "flushed"; readonly reason: FlushReason })
  /** An attempt failed; the batch is sent again. */
  | (BatchLabel & {
      readonly kind: "retried";
      readonly attempt: number;
      readonly waitMs: number;
      readonly reason: string;
    })
  /** It was too large; its items go in smaller ones, as do all from now on. */
  | (BatchLabel & { readonly kind: "split" })
  /** It was taken, but for some items: so many have failed, and so many are sent again. */
  | (BatchLabel & { readonly kind: "partial"; readonly failed: number; readonly again: number })
  /** It will not be delivered, or not by this process. */
  | { readonly kind: "failed"; readonly item: Item; readonly error: UndeliveredError };

/** Why a batch is sent: it is full, or its oldest item is old enough, or that was asked for. */
export type FlushReason = "count" | "bytes" | "age" | "flush";

interface BatchLabel {
  readonly idempotencyKey: string;
  readonly items: number;
  /** Of the body. */
  readonly bytes: number;
}

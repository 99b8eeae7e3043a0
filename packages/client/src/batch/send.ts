import type { Rejection } from "./rejection.ts";

/** One attempt to send a batch. */
export interface BatchCall {
  /** The items as they were when they were added, in their envelope. */
  readonly body: string;
  /** Goes with this body alone, and is the same at every attempt: what came twice can be told by it. */
  readonly idempotencyKey: string;
  /** Aborts when the attempt has taken too long, or the batcher is closed. */
  readonly signal: AbortSignal;
  /** From 1 on. */
  readonly attempt: number;
}

/** What became of a batch that was carried out, for APIs that are called by other means than fetch. */
export interface BatchAnswer {
  readonly rejections: readonly Rejection[];
}

/**
 * Sends a batch once. A `Response` is judged by its status; an error that is thrown stands for an attempt that may be
 * made again, not before the error's `waitMs`, if it has that.
 */
export type Send<Item> = (items: readonly Item[], call: BatchCall) => Promise<Response | BatchAnswer>;

/**
 * Posts batches to a URL, with their key as `Idempotency-Key`. For an API with limits `fetch` must be an obeyed one, which
 * paces calls and waits as it is told: of what a `Response` says of limits, the batcher itself reads `Retry-After` alone.
 */
export function sendJson(
  fetch: (url: string | URL, init: RequestInit) => Promise<Response>,
  url: string | URL,
  headers: Readonly<Record<string, string>> = {},
): Send<unknown> {
  return (_items, { body, idempotencyKey, signal }) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers, "idempotency-key": idempotencyKey },
      body,
      signal,
    });
}

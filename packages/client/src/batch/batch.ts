import type { Entry } from "./entry.ts";
import type { Envelope } from "./envelope.ts";

/** Items that are sent together, and stay together under one key until it is known what became of them. */
export interface Batch<Item> {
  /** At least one. */
  readonly entries: readonly Entry<Item>[];
  readonly body: string;
  /** Of the body, in UTF-8. */
  readonly bytes: number;
  readonly idempotencyKey: string;
}

/** Puts entries into their envelope. */
export function toBatch<Item>(
  entries: readonly Entry<Item>[],
  { open, separator, close }: Envelope,
  idempotencyKey: string,
): Batch<Item> {
  const body = open + entries.map(({ content }) => content.text).join(separator) + close;
  const betweenBytes = byteLength(separator) * (entries.length - 1);
  const bytes = entries.reduce((sum, { content }) => sum + content.bytes, byteLength(open + close) + betweenBytes);
  return { entries, body, bytes, idempotencyKey };
}

/** Of a text in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

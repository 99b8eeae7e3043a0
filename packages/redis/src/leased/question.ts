import type { Counter, Order } from "./centre.ts";

/** What a frame can ask of Redis, numbered from 1 on as `lua/lease.lua` numbers them. */
export const OPERATIONS = ["take", "charge", "settle"] as const;

/** A question about one counter, and who waits for the answer. */
export interface Question {
  readonly operation: (typeof OPERATIONS)[number];
  readonly counter: Counter;
  readonly key: string;
  /** The key that remembers up to which settlement this process has settled with the counter; of others, none. */
  readonly settlerKey?: string;
  /** What is asked, as up to four numbers, known when the frame is written. */
  readonly terms: () => readonly number[];
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** What was granted, the centre's time, and the counter's three cells. */
export type Answer = readonly [granted: number, time: number, first: number, second: number, third: number];

export function termsOf({ least, need, want, processes }: Order): readonly number[] {
  return [least, need, want, processes];
}

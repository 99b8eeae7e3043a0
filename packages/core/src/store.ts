import type { Limit } from "./limit.ts";

/** What one request asks of one limit. */
export interface Claim {
  readonly limit: Limit;
  /** The caller values one counter belongs to (draft-ietf-httpapi-ratelimit-headers-11, partition key). */
  readonly partition: string;
  /** Units asked for: a whole number, 0 or more. */
  readonly cost: number;
}

/** What one limit says to one claim. Read it now: a store may change or reuse nothing of it, but time passes. */
export interface Verdict {
  readonly limit: Limit;
  /** Whether this limit admits the claim, whatever the others say. */
  readonly admitted: boolean;
  /** Units taken in this partition, this claim's among them if it was charged. */
  readonly used: number;
  /** Capacity less used. Below zero where rejected requests count, or where the quota has become less than was used. */
  readonly remaining: number;
  /** Ms until the whole capacity is there again if nobody comes; where nothing is used, what a request now would make it. */
  readonly resetMs: number;
  /**
   * 0 when admitted; else ms until the same claim would be, if nobody else comes. Infinity: its cost can never be. A
   * limit that admits, but counts the request because another rejects it, may have a wait too.
   */
  readonly retryAfterMs: number;
  /** By which the charge can be given back; NOT_CHARGED if there was none. */
  readonly ticket: number;
}

/** The ticket of a claim that was not charged. */
export const NOT_CHARGED = -1;

/** A charge to give back: the claim and the ticket its verdict carried. */
export interface Charge {
  readonly claim: Claim;
  readonly ticket: number;
}

/** A value, or a promise of it where the store is across a network. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Where counters live. Each call carries every limit that a request meets, as data, and is atomic over all of them.
 * `now` is epoch ms. Verdicts come in the order of the claims.
 */
export interface Store {
  /**
   * All or nothing: charges every claim if all enforced limits admit, else none but those that count rejected requests,
   * and of these none whose cost can never be admitted.
   */
  consume(claims: readonly Claim[], now: number): Awaitable<readonly Verdict[]>;
  /** What {@link consume} would say, without charging. */
  peek(claims: readonly Claim[], now: number): Awaitable<readonly Verdict[]>;
  /** Charges unconditionally, for what is known only after the response. */
  charge(claims: readonly Claim[], now: number): Awaitable<readonly Verdict[]>;
  /** Gives charges back, each to the window it was taken from or not at all; for concurrency, releases the place. */
  refund(charges: readonly Charge[], now: number): Awaitable<readonly Verdict[]>;
  /** Forgets what these partitions have used. */
  reset(claims: readonly Claim[]): Awaitable<void>;
  /** For who asks the same limits for the same costs over and over. Not every store has it. */
  standing?(asked: readonly Asked[]): StandingClaims;
}

/** A {@link Claim}, whoever makes it. */
export type Asked = Omit<Claim, "partition">;

/**
 * Claims on the same limits by one caller or another. Where a caller's counters are is worked out once, and kept by whoever
 * asks, as {@link WORDS_PER_CLAIM} elements for each limit in an array of its own.
 */
export interface StandingClaims {
  /** Writes where the counters of these partitions are, one for each limit, from `places[at]` on. */
  locate(partitions: readonly string[], places: Int32Array, at: number): void;
  /**
   * Reads ahead what {@link consume} will read of the counters that were located there. Memory is waited for at once then, for
   * all who are approached together, not for one after the other.
   */
  approach(places: Int32Array, at: number): void;
  /** What {@link Store.consume} says to the claims that were located there. The verdicts are good until the next are asked for. */
  consume(places: Int32Array, at: number, now: number): readonly Verdict[];
}

/** A hash of 64 bits. */
export const WORDS_PER_CLAIM = 2;

/** A store that answers at once, with no promise on the way. */
export interface SyncStore extends Store {
  consume(claims: readonly Claim[], now: number): readonly Verdict[];
  peek(claims: readonly Claim[], now: number): readonly Verdict[];
  charge(claims: readonly Claim[], now: number): readonly Verdict[];
  refund(charges: readonly Charge[], now: number): readonly Verdict[];
  reset(claims: readonly Claim[]): void;
  standing(asked: readonly Asked[]): StandingClaims;
}

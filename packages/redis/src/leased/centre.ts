import type { Limit } from "@headgate/core";

/** One limit's counter for one partition. */
export interface Counter {
  readonly limit: Limit;
  readonly partition: string;
}

/** How many units a process would like to have. */
export interface Order {
  /** Fewer than these are of no use: then none are granted. */
  readonly least: number;
  /** Requests have come for these: granted as far as they are there. */
  readonly need: number;
  /** A chunk to spend ahead: granted as far as it leaves others their share. */
  readonly want: number;
  /** How many processes share the quota, this one among them. */
  readonly processes: number;
}

/** How a counter stands after what was asked. */
export interface Standing {
  /** The centre's clock, epoch ms. */
  readonly time: number;
  /** The three numbers that the limit's algorithm keeps. What is leased is in them, as used. */
  readonly cells: readonly [number, number, number];
}

/** What came of an order. The units are charged to the window that `cells[0]` names. */
export interface Grant extends Standing {
  readonly granted: number;
}

/**
 * Where the counters are that all processes share. A lease is simply a charge taken ahead, so that whatever gets lost
 * on the way, or dies with it in hand, has been counted already. What is asked is asked once: no call is repeated here,
 * and one that is carried out twice on the way takes too much, or is noticed. `now`, epoch ms, is the caller's.
 */
export interface Centre {
  /**
   * Takes units, charging them. `order` is called when the question leaves, so that it can be about everything that has
   * come up by then.
   *
   *     room = quota - used
   *     granted = room < least ? 0 : max(min(need, room), min(want, floor(room / (2 x processes))))
   */
  take(counter: Counter, order: () => Order, now: number): Promise<Grant>;
  /** Charges units whether there is room or not. */
  charge(counter: Counter, units: number, now: number): Promise<Standing>;
  /**
   * Gives units back to the window that `ticket` names or, where `units` is negative, adds to it what was charged here
   * and not told. Does nothing when that window no longer counts, nor when it is carried out a second time.
   */
  settle(counter: Counter, units: number, ticket: number, now: number): Promise<Standing>;
  /** Forgets what these counters have counted. */
  forget(counters: readonly Counter[]): Promise<void>;
}

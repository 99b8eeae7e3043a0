/** Where the client takes the time from, and how it waits. */
export interface Clock {
  /** Epoch ms, of a clock that does not jump. */
  readonly now: () => number;
  /** Epoch ms, by the clock that is set, and jumps then: for instants that others tell. Default: `now`. */
  readonly wallNow?: () => number;
  /** Resolves `ms` later, never before. Rejects with the signal's reason as soon as that aborts, if it has not yet. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

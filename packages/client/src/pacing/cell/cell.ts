/** A place for a small text under each key that several processes can reach. */
export interface Cell {
  /**
   * Puts `next` in the place of `expected`, `""` for nothing, if that is what is there; all in one step. Rejects where the
   * place cannot be reached.
   */
  swap(key: string, expected: string, next: string): Promise<Swap>;
}

/** What came of it. */
export interface Swap {
  /** What is there instead of what was expected; undefined where `next` is there now. */
  readonly instead: string | undefined;
  /** Epoch ms, by a clock that is the same for all. */
  readonly now: number;
}

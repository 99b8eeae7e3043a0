/** An answer stands as long as this holds. What it says is the affair of whoever counts the changes. */
export interface Standing {
  readonly slot: number;
  readonly count: number;
}

/** Counts what changes, for those who give an answer again as long as it stands. */
export interface Changes {
  /** To be asked before what is answered is looked at. */
  standing(name: string): Standing;
  /** To be called after the change, and before anybody is told of it. */
  change(name: string): void;
}

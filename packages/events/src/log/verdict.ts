/** Why an event does not fit into its chain. */
type BreakReason =
  /** Its hash is not that of its content after the event before it: it was edited, put in, or moved. */
  | "changed"
  /** There is none of this number. */
  | "missing"
  /** It is beyond the account's last event, or before the first that is kept. */
  | "added"
  /** It is the last one, and not the one that the account's head tells of. */
  | "head";

/** The first event that is not as it was written. */
export interface BrokenAt {
  readonly seq: number;
  /** Undefined where it is missing. */
  readonly id: string | undefined;
  readonly reason: BreakReason;
}

/** Whether an account's events are as they were written. */
export interface Verdict {
  /** Events that fit. */
  readonly events: number;
  /** Of the events gone through; undefined where there are none. */
  readonly firstSeq: number | undefined;
  readonly lastSeq: number | undefined;
  /** The newest event's hash: note it elsewhere, and a chain that was written anew shows too. */
  readonly head: string;
  /** Undefined where all of them fit. */
  readonly brokenAt: BrokenAt | undefined;
}

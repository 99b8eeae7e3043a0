/** One request of a log, as far as the log tells. */
export interface LoggedRequest {
  /** Epoch ms. */
  readonly time: number;
  /** Upper case. */
  readonly method: string;
  /** As it was on the request line: the path, and the query where there is one. */
  readonly target: string;
  /** Who sent it; a log may not say. */
  readonly ip?: string | undefined;
  // Of the two, where the log's reader keeps the text: below MOST_KEPT, and another text's later on.
  readonly ipNumber?: number | undefined;
  readonly targetNumber?: number | undefined;
  /** By lower-case name: only what the log keeps. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the request's body, never of the answer: that is what access logs count, and no limit does. */
  readonly bytes?: number | undefined;
  /** What it was answered with. */
  readonly status?: number | undefined;
  /** How long the answer took: what concurrency limits count by. */
  readonly durationMs?: number | undefined;
}

/** The headers of a request whose log keeps none that is wanted. One object for all, so that it can be told by identity. */
export const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({});

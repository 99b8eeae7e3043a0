import type { ResetFormat } from "@headgate/core";

/** How an API says what it says, as far as its headers do not tell. Everything can be left to be found out. */
export interface Dialect {
  /** How its `Reset` header says when. `"guess"`, the default, knows every format; `"none"` ignores the header. */
  readonly reset?: ResetFormat | "guess";
  /** The name of the header that tells the quota, where it is none of the usual ones. */
  readonly limit?: string;
  /** The name of the header that tells what remains. */
  readonly remaining?: string;
  /** The name of the header that tells the reset. */
  readonly resetHeader?: string;
  /** The window of the limit, where the API says it in its documentation alone. */
  readonly windowMs?: number;
}

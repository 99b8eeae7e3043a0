import type { LoggedRequest } from "../logged-request.ts";

/** Reads the lines of one kind of log. */
export interface LineFormat {
  /**
   * The request of the line from `start` to `end`, or why there is none: in words, and without anything of the line, which
   * may hold a secret.
   */
  read(bytes: Buffer, start: number, end: number): LoggedRequest | string;
}

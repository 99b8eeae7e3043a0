import { HeadgateError } from "@headgate/core";
import type { CLIENT_ERRORS } from "../errors.ts";

/** An item that was taken by the batcher and has not been taken by the API, as far as is known. */
export class UndeliveredError extends HeadgateError {
  /** Of the answer, if the API gave one. */
  readonly status: number | undefined;
  /**
   * Whether it is kept on disk, and sent when a batcher is opened on the same spill again: before all that is added then,
   * but after those of its key that were delivered meanwhile.
   */
  readonly isKept: boolean;

  constructor(
    code: keyof typeof CLIENT_ERRORS,
    message: string,
    {
      status,
      isKept = false,
      cause,
    }: { readonly status?: number; readonly isKept?: boolean; readonly cause?: unknown } = {},
  ) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.isKept = isKept;
  }
}

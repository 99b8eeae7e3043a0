import { HeadgateError } from "@headgate/core";

/** What the disk said, with the path that it was about. */
export function diskError(path: string, cause: unknown): HeadgateError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HeadgateError("HG_SPILL_DISK", `${path}: ${reason}`, { cause });
}

import { retryAfterLints, sharedNameLints, storeErrorLints, trustLints } from "./lints/file-lints.ts";
import { neverBindsLints } from "./lints/never-binds.ts";
import { unverifiedKeyLints } from "./lints/unverified-key.ts";
import type { Finding } from "./problem.ts";
import type { PolicyFile } from "./schema/policy-file.ts";

/** What is legal but most likely not meant. Only for a file without faults. */
export function lintsOf(file: PolicyFile): Finding[] {
  return [
    ...trustLints(file),
    ...sharedNameLints(file),
    ...neverBindsLints(file),
    ...unverifiedKeyLints(file),
    ...retryAfterLints(file),
    ...storeErrorLints(file),
  ];
}

import { deadPatternLints } from "./lints/dead-patterns.ts";
import { retryAfterLints, sharedNameLints, storeErrorLints, trustLints } from "./lints/file-lints.ts";
import { hiddenRouteLints } from "./lints/hidden-routes.ts";
import { neverBindsLints } from "./lints/never-binds.ts";
import { repeatedCallerLints, unknownPlanLints } from "./lints/no-effect.ts";
import { unverifiedKeyLints } from "./lints/unverified-key.ts";
import type { ApiEndpoints } from "./open-api/api-endpoints.ts";
import type { Finding } from "./problem.ts";
import type { PolicyFile } from "./schema/policy-file.ts";

/** What is legal but most likely not meant. Only for a file without faults. */
export function lintsOf(file: PolicyFile, api: ApiEndpoints): Finding[] {
  return [
    ...trustLints(file),
    ...sharedNameLints(file),
    ...neverBindsLints(file),
    ...deadPatternLints(file, api),
    ...unknownPlanLints(file),
    ...repeatedCallerLints(file),
    ...hiddenRouteLints(file, api),
    ...unverifiedKeyLints(file),
    ...retryAfterLints(file),
    ...storeErrorLints(file),
  ];
}

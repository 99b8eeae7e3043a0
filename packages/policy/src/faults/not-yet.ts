import type { Finding, Path } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";

/** What the format has and this version does not enforce: better refused than ignored. */
export function notYetFaults({ store, endpoints }: PolicyFile): Finding[] {
  const faults: Finding[] = [];
  if (endpoints?.openapi !== undefined) {
    faults.push(notYet(["endpoints", "openapi"], "endpoints.openapi", "list the paths here for now"));
  }
  if (store?.redis !== undefined) {
    faults.push(notYet(["store", "redis"], "store.redis", "use store.memory for now: { memory: {} }"));
  }
  return faults;
}

function notYet(path: Path, field: string, hint: string): Finding {
  return { code: "HG_NOT_YET", message: `${field} is not enforced yet`, hint, path, isAboutKey: true };
}

import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";

/** What the format has and this version does not enforce: better refused than ignored. */
export function notYetFaults({ endpoints }: PolicyFile): Finding[] {
  if (endpoints?.openapi === undefined) return [];
  const message = "endpoints.openapi is not enforced yet";
  const hint = "list the paths here for now";
  return [{ code: "HG_NOT_YET", message, hint, path: ["endpoints", "openapi"], isAboutKey: true }];
}

import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";

/** Counters live in one place. */
export function storeFaults({ store: { memory, redis } = {} }: PolicyFile): Finding[] {
  if (memory === undefined || redis === undefined) return [];
  const message = "counters live in memory or in Redis, not in both";
  const hint = "take memory out to share counters with other processes, or redis to keep them in this one";
  return [{ code: "HG_POLICY_CONFLICT", message, hint, path: ["store", "memory"], isAboutKey: true }];
}

import { isBodyCap } from "../compile-limit.ts";
import type { Finding } from "../problem.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { listOf } from "../text-format.ts";

/** Quotas for plans where no account, and so no plan, is known. */
export function unknownPlanLints({ limits, credentials = "presented" }: PolicyFile): Finding[] {
  if (credentials === "managed") return [];
  return limits.flatMap((limit, i) => {
    if (isBodyCap(limit) || limit.plans === undefined) return [];
    const message = `no caller of "${limit.name}" has a plan: credentials: ${credentials} tells none, so all get ${limit.quota}`;
    const hint = "use credentials: managed, or take plans out";
    return [{ code: "HG_LINT_NO_EFFECT", message, hint, path: ["limits", i, "plans"], isAboutKey: true }];
  });
}

/** Callers that a limit counts by twice over. */
export function repeatedCallerLints({ limits }: PolicyFile): Finding[] {
  return limits.flatMap(({ per }, i) =>
    listOf(per).flatMap((word, j, words) => {
      if (words.indexOf(word) === j) return [];
      const message = `${word} is in per already`;
      return [{ code: "HG_LINT_NO_EFFECT", message, hint: "name it once", path: ["limits", i, "per", j] }];
    }),
  );
}

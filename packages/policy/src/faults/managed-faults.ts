import type { Finding } from "../problem.ts";
import { callerSectionsOf } from "../schema/callers.ts";
import type { PolicyFile } from "../schema/policy-file.ts";

/** The callers in which a credential on record is presented. */
const PRESENTED_IN: readonly string[] = ["api-key", "token"];

/** What managed credentials need and forbid, and what only they make possible. */
export function managedFaults(file: PolicyFile): Finding[] {
  return file.credentials === "managed" ? presentationFaults(file) : recordFaults(file);
}

/** A managed credential must be read from somewhere, as a secret; whose account it is, the record says. */
function presentationFaults({ callers }: PolicyFile): Finding[] {
  const faults: Finding[] = [];
  const sections = callerSectionsOf(callers);
  if (!sections.some(([name]) => PRESENTED_IN.includes(name))) {
    const message = "managed credentials are presented as api-key or token, and neither is a caller here";
    const hint = "say where keys are read from, such as callers: { api-key: { bearer: true } }";
    faults.push({ code: "HG_POLICY_MISSING", message, hint, path: ["credentials"] });
  }
  for (const [name, section] of sections) {
    if (name === "account") {
      const message = "managed credentials tell the account themselves";
      faults.push(conflict(["callers", name], message, "take this caller out; `per: account` works without it"));
    } else if (PRESENTED_IN.includes(name) && section["jwt-claim"] !== undefined) {
      const message = "a claim is no credential on record";
      faults.push(conflict(["callers", name, "jwt-claim"], message, "use bearer, header, query or cookie"));
    }
  }
  return faults;
}

function recordFaults({ suspend = [], tokens }: PolicyFile): Finding[] {
  const faults = suspend.flatMap(({ per }, i) => {
    if (per === "ip") return [];
    const message = `only managed credentials tell which ${per} to suspend`;
    return [conflict(["suspend", i, "per"], message, "use credentials: managed, or per: ip", false)];
  });
  if (tokens === undefined) return faults;
  return [...faults, conflict(["tokens"], "tokens are minted from managed keys only", "use credentials: managed")];
}

function conflict(path: Finding["path"], message: string, hint: string, isAboutKey: boolean = true): Finding {
  return { code: "HG_POLICY_CONFLICT", message, hint, path, isAboutKey };
}

import { isSlug } from "../name.ts";
import { PER_WORDS } from "../partition.ts";
import type { Finding } from "../problem.ts";
import { callerSectionsOf } from "../schema/callers.ts";
import type { PolicyFile } from "../schema/policy-file.ts";

/** Names that mean something else, or that every object has. */
const RESERVED = [...PER_WORDS, "constructor"];

export function callerFaults({ callers }: PolicyFile): Finding[] {
  const faults: Finding[] = [];
  let jwks: string | undefined;
  for (const [name, section] of callerSectionsOf(callers)) {
    const path = ["callers", name];
    if (!isSlug(name) || RESERVED.includes(name)) faults.push(nameFault(name));

    const { jwks: keys, ...sources } = section;
    if (keys === undefined && sources["jwt-claim"] !== undefined) {
      const hint = "add jwks: the URL or file of the keys that verify tokens";
      faults.push({
        code: "HG_POLICY_MISSING",
        message: "jwt-claim needs jwks",
        hint,
        path: [...path, "jwt-claim"],
        isAboutKey: true,
      });
    } else if (keys !== undefined && sources["jwt-claim"] === undefined) {
      const hint = "add jwt-claim, or take jwks out";
      faults.push({
        code: "HG_POLICY_CONFLICT",
        message: "jwks is only for jwt-claim",
        hint,
        path: [...path, "jwks"],
        isAboutKey: true,
      });
    } else if (Object.keys(sources).length === 0) {
      const hint = "add one of: bearer, header, query, cookie, jwt-claim";
      const message = `${name} does not say where it is read from`;
      faults.push({ code: "HG_POLICY_MISSING", message, hint, path, isAboutKey: true });
    }
    if (keys !== undefined && jwks !== undefined && keys !== jwks) {
      const hint = `use ${jwks} here too`;
      faults.push({ code: "HG_POLICY_CONFLICT", message: "all callers share one jwks", hint, path: [...path, "jwks"] });
    }
    jwks ??= keys;
  }
  return faults;
}

export function endpointFaults({ endpoints = {} }: PolicyFile): Finding[] {
  return Object.keys(endpoints).flatMap((name) => {
    if (isSlug(name)) return [];
    const message = `"${name}" cannot be an endpoint's name`;
    const hint = "small letters, digits and -, beginning with a letter";
    return [{ code: "HG_POLICY_NAME", message, hint, path: ["endpoints", name], isAboutKey: true }];
  });
}

function nameFault(name: string): Finding {
  const hint = `small letters, digits and -, beginning with a letter; not ${RESERVED.join(" or ")}`;
  const path = ["callers", name];
  return { code: "HG_POLICY_NAME", message: `"${name}" cannot be a caller's name`, hint, path, isAboutKey: true };
}

import { CREDENTIALS } from "../callers.ts";
import { isBodyCap } from "../compile-limit.ts";
import { PER_WORDS } from "../partition.ts";
import type { Finding } from "../problem.ts";
import { callerSectionsOf } from "../schema/callers.ts";
import type { LimitSection } from "../schema/limit.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { listOf } from "../text-format.ts";

/**
 * Limits that count by a value the caller chooses, with no limit per IP beside them: a new value is a new counter.
 * `presented` takes any value for valid; under `upstream`, `authenticated: true` is what makes it a verified one; managed
 * ones are looked up before anything is counted by them.
 */
export function unverifiedKeyLints(file: PolicyFile): Finding[] {
  const { limits, credentials = "presented" } = file;
  const madeUp = callersAnyoneCanMakeUp(file);
  if (limits.some((limit) => isSafetyNet(limit, credentials === "presented"))) return [];
  return limits.flatMap((limit, i) => {
    const caller = listOf(limit.per).find((word) => madeUp.includes(word));
    const isVerified = credentials !== "presented" && limit.match?.authenticated === true;
    if (caller === undefined || listOf(limit.per).includes("ip") || isVerified || !isEnforcedRate(limit)) return [];
    const message = `"${limit.name}" counts by ${caller}, which is not verified: whoever makes up a new one is not limited`;
    const hint = "add a limit with per: ip beside it";
    const place =
      typeof limit.per === "string" ? ["limits", i, "per"] : ["limits", i, "per", listOf(limit.per).indexOf(caller)];
    return [{ code: "HG_LINT_UNVERIFIED_KEY", message, hint, path: place }];
  });
}

/** All but `ip`, those that come from verified tokens alone, and credentials on record. */
function callersAnyoneCanMakeUp({ callers, credentials }: PolicyFile): string[] {
  return callerSectionsOf(callers).flatMap(([name, { jwks, "jwt-claim": _claim, ...sources }]) => {
    const isSigned = jwks !== undefined && Object.keys(sources).length === 0;
    const isOnRecord = credentials === "managed" && CREDENTIALS.includes(name);
    return isSigned || isOnRecord ? [] : [name];
  });
}

/** A limit per IP that requests with a made-up value meet too. */
function isSafetyNet(limit: LimitSection, isPresented: boolean): boolean {
  const per = listOf(limit.per);
  const countsByIp = per.includes("ip") && per.every((word) => word === "ip" || PER_WORDS.includes(word));
  const authenticated = limit.match?.authenticated;
  const meetsThem = authenticated === undefined || authenticated === isPresented;
  return countsByIp && isEnforcedRate(limit) && meetsThem;
}

function isEnforcedRate(limit: LimitSection): boolean {
  return !isBodyCap(limit) && limit.mode !== "shadow";
}

import { METHODS } from "node:http";
import { defineLimit, type Limit } from "@headgate/core";
import { CREDENTIALS } from "../callers.ts";
import { isBodyCap, limitSpecOf } from "../compile-limit.ts";
import type { Finding, Path } from "../problem.ts";
import { callerSectionsOf } from "../schema/callers.ts";
import type { LimitSection } from "../schema/limit.ts";
import type { MatchSection } from "../schema/match.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { listOf } from "../text-format.ts";

/** Limits and caps that can never refuse a request: their match cannot hold, or a stricter one is always met first. */
export function neverBindsLints(file: PolicyFile): Finding[] {
  return file.limits.flatMap((limit, i) => [
    ...impossibleMatchLints(limit, file, ["limits", i]),
    ...overshadowedLints(limit, file.limits, ["limits", i]),
  ]);
}

function impossibleMatchLints({ name, match = {}, per }: LimitSection, file: PolicyFile, path: Path): Finding[] {
  const credentials = callerSectionsOf(file.callers).flatMap(([caller]) =>
    CREDENTIALS.includes(caller) ? caller : [],
  );
  if (file.credentials === "managed") credentials.push("account");
  const lints: Finding[] = [];
  const lint = (field: keyof MatchSection, isImpossible: boolean, why: string, hint: string): void => {
    const message = `"${name}" can never apply: ${why}`;
    if (isImpossible) {
      lints.push({ code: "HG_LINT_NEVER_BINDS", message, hint, path: [...path, "match", field], isAboutKey: true });
    }
  };

  const methods = listOf(match.methods);
  const areUnknown = methods.length > 0 && methods.every((method) => !METHODS.includes(method));
  const { credentials: mode = "presented" } = file;
  const needsCredential = listOf(per).find((word) => credentials.includes(word));

  lint(
    "methods",
    areUnknown,
    `no request has the method ${methods.join(" or ")}`,
    "methods are in upper case: GET, POST",
  );
  lint(
    "plan",
    match.plan !== undefined && file.credentials !== "managed",
    "plans are known only with managed credentials",
    "use credentials: managed, or leave `plan` out",
  );
  lint(
    "authenticated",
    match.authenticated === true && credentials.length === 0,
    "no caller is a credential, so no request is authenticated",
    "define a caller api-key, token or account",
  );
  lint(
    "authenticated",
    match.authenticated === false && mode !== "upstream" && needsCredential !== undefined,
    `a request that counts by ${needsCredential} is authenticated, as credentials: ${mode} says`,
    "count by ip, or take `authenticated` out",
  );
  lint(
    "not",
    excludesAll(match),
    "`not` excludes every request that the rest of `match` lets through",
    "exclude less, or leave `not` out",
  );
  return lints;
}

/** Whether each field of `not` holds wherever the rest of `match` does. A `not` without fields holds everywhere. */
function excludesAll({ not, ...match }: MatchSection): boolean {
  if (not === undefined) return false;
  return (Object.keys(not) as (keyof MatchSection)[]).every((field) => {
    const excluded: readonly unknown[] = listOf<unknown>(not[field]);
    if (field === "path" && excluded.includes("/**")) return true;
    const matched = field === "not" ? [] : listOf<unknown>(match[field]);
    return matched.length > 0 && matched.every((value) => excluded.includes(value));
  });
}

/** A limit beside another that meets the same requests, counts them alike, and allows no more over no less time. */
function overshadowedLints(limit: LimitSection, limits: readonly LimitSection[], path: Path): Finding[] {
  if (isBodyCap(limit) || limit.plans !== undefined) return [];
  const i = limits.indexOf(limit);
  const own = defineLimit(limitSpecOf(limit));
  const stricter = limits.find((other, j) => {
    if (i === j || isBodyCap(other) || other.mode === "shadow" || other.plans !== undefined) return false;
    if (sameness(limit) !== sameness(other)) return false;
    const their = defineLimit(limitSpecOf(other));
    return isCoveredBy(own, their) && (j < i || !isCoveredBy(their, own));
  });
  if (stricter === undefined) return [];
  const message = `"${limit.name}" adds nothing: "${stricter.name}" is for the same requests, and refuses them no later`;
  const hint = `leave it out, or give it a smaller quota than "${stricter.name}" has`;
  return [{ code: "HG_LINT_NEVER_BINDS", message, hint, path }];
}

/** Windows do not turn together, so for a moment a covered fixed window may still deny: as good as never is enough. */
function isCoveredBy(loose: Limit, strict: Limit): boolean {
  if (strict.algorithm === "token-bucket") {
    const isSlower = strict.quota * loose.windowMs <= loose.quota * strict.windowMs;
    return isSlower && strict.capacity <= loose.capacity;
  }
  return strict.quota <= loose.quota && (strict.windowMs >= loose.windowMs || strict.algorithm === "concurrency");
}

/** What two limits must have in common to be compared, as one string. */
function sameness({ match, per, algorithm, cost, refund, charge, ...limit }: LimitSection): string {
  const countRejected = limit["count-rejected"] ?? false;
  const kind = algorithm ?? "fixed-window";
  return JSON.stringify([match ?? {}, listOf(per), kind, cost ?? "request", refund, charge, countRejected], sorted);
}

function sorted(_key: string, value: unknown): unknown {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMap ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value;
}

import { isBodyCap } from "../compile-limit.ts";
import { PER_WORDS } from "../partition.ts";
import type { Finding, Path } from "../problem.ts";
import { callerSectionsOf } from "../schema/callers.ts";
import type { LimitSection } from "../schema/limit.ts";
import type { MatchSection } from "../schema/match.ts";
import type { PolicyFile } from "../schema/policy-file.ts";
import { suggest } from "../spelling.ts";
import { listOf } from "../text-format.ts";
import { rateFaults } from "./rate-faults.ts";

/** What one request can meet; the memory store decides no more together. */
const MOST_RATES = 64;
const CAP_FIELDS = ["name", "match", "response", "max-body"];

/** What the limits say of each other, and of the rest of the file. */
export function limitFaults(file: PolicyFile, endpoints: readonly string[]): Finding[] {
  const callers = ["ip", ...callerSectionsOf(file.callers).map(([name]) => name)];
  if (file.credentials === "managed") callers.push("account");
  return [
    ...tooManyFaults(file.limits),
    ...file.limits.flatMap((limit, i) => {
      const path = ["limits", i];
      return [
        ...matchFaults(limit.match, endpoints, [...path, "match"]),
        ...perFaults(limit, callers, path),
        ...(isBodyCap(limit) ? capFaults(limit, path) : rateFaults(limit, path)),
      ];
    }),
  ];
}

function tooManyFaults(limits: readonly LimitSection[]): Finding[] {
  const rates = limits.flatMap((limit, i) => (isBodyCap(limit) ? [] : [i]));
  const first = rates[MOST_RATES];
  if (first === undefined) return [];
  const message = `there are ${rates.length} limits; a request can meet at most ${MOST_RATES}`;
  const hint = "put limits together: per: [ip, endpoint] counts every endpoint by itself";
  return [{ code: "HG_POLICY_TOO_MANY_LIMITS", message, hint, path: ["limits", first] }];
}

function capFaults(limit: LimitSection, path: Path): Finding[] {
  const others = Object.keys(limit).filter((field) => !CAP_FIELDS.includes(field));
  return others.map((field) => ({
    code: "HG_POLICY_CONFLICT",
    message: `"${field}" does not go with max-body, which caps each request by itself`,
    hint: "make two limits of it: a rate and a cap",
    path: [...path, field],
    isAboutKey: true,
  }));
}

function perFaults({ per }: LimitSection, callers: readonly string[], path: Path): Finding[] {
  const known = [...callers, ...PER_WORDS];
  return listOf(per).flatMap((word, i) => {
    if (known.includes(word)) return [];
    const message = `there is no caller "${word}"`;
    const place = typeof per === "string" ? [...path, "per"] : [...path, "per", i];
    return [{ code: "HG_POLICY_UNKNOWN_CALLER", message, hint: suggest(word, known, "callers"), path: place }];
  });
}

function matchFaults(match: MatchSection | undefined, known: readonly string[], path: Path): Finding[] {
  if (match === undefined) return [];
  const faults: Finding[] = listOf(match.endpoint).flatMap((name, i) => {
    if (known.includes(name)) return [];
    const message = `there is no endpoint "${name}"`;
    const place = typeof match.endpoint === "string" ? [...path, "endpoint"] : [...path, "endpoint", i];
    return [{ code: "HG_POLICY_UNKNOWN_ENDPOINT", message, hint: suggest(name, known, "endpoints"), path: place }];
  });
  return [...faults, ...matchFaults(match.not, known, [...path, "not"])];
}

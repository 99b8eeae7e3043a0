import type { Findings } from "./survey.ts";
import { countInAnyWindow, countInOwnWindow, type WindowCount } from "./window-count.ts";

/** Callers that are counted alike, and what of their requests limits can be about. */
export interface Crowd {
  readonly name: "per-key" | "anonymous" | "per-address" | "address-ceiling";
  readonly per: "api-key" | "ip";
  /** What its callers are called in the plural. */
  readonly callers: string;
  /** Whether only requests without a key count. */
  readonly isAnonymous: boolean;
  /** Whether others may refuse what is counted here: then a quota must hold whatever they leave over. */
  readonly isCeiling: boolean;
  readonly countIn: WindowCount;
  /** All its requests first, then those of each endpoint group. */
  readonly scopes: readonly Scope[];
}

/** Requests that one limit can be about. */
export interface Scope {
  /** Limits of the scope have names that begin so. */
  readonly name: string;
  /** The endpoint group; undefined for all requests. */
  readonly group: string | undefined;
}

/**
 * Whom limits can be for. A request with a key is counted by it, and one without by its address: so each has one caller,
 * and is refused or admitted by that caller's limits alone. But keys can be made up; so all requests of an address are
 * counted besides, for a ceiling that nobody has reached.
 */
export function crowdsOf({ keySource, hasAddresses, groups }: Findings): Crowd[] {
  const names = groups.map(({ name }) => name);
  if (keySource === undefined) return hasAddresses ? [crowd("per-address", names)] : [];
  if (!hasAddresses) return [crowd("per-key", names)];
  return [crowd("per-key", names), crowd("anonymous", names), crowd("address-ceiling", [])];
}

const CALLERS: Readonly<Record<Crowd["name"], string>> = {
  "per-key": "API keys",
  anonymous: "addresses without a key",
  "per-address": "addresses",
  "address-ceiling": "addresses",
};

function crowd(name: Crowd["name"], groups: readonly string[]): Crowd {
  const isCeiling = name === "address-ceiling";
  return {
    name,
    per: name === "per-key" ? "api-key" : "ip",
    callers: CALLERS[name],
    isAnonymous: name === "anonymous",
    isCeiling,
    countIn: isCeiling ? countInAnyWindow : countInOwnWindow,
    scopes: [{ name, group: undefined }, ...groups.map((group) => ({ name: `${name}-${group}`, group }))],
  };
}

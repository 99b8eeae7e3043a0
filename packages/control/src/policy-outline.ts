import type { Issuing, Policy } from "@headgate/policy";

/** What the record looks at of a policy: plain data, which can be noted for when no policy is served. */
export interface PolicyOutline {
  readonly credentials: Policy["credentials"];
  readonly issuing: Issuing;
  /** Bits of an IPv6 address that are counted as one caller. */
  readonly ipv6Prefix: number;
  readonly plans: readonly string[];
  readonly limits: readonly { readonly name: string; readonly per: readonly string[] }[];
}

export function outlineOf({ credentials, issuing, callers, plans, limits }: Policy): PolicyOutline {
  return {
    credentials,
    issuing,
    ipv6Prefix: callers.ipv6Prefix,
    plans,
    limits: limits.map(({ limit, per }) => ({ name: limit.name, per })),
  };
}

/** Why the policy does nothing for such a plan; undefined where it does. */
export function faultOfPlan({ plans }: PolicyOutline, plan: string): string | undefined {
  return plans.includes(plan) ? undefined : noneOf(plans);
}

/**
 * Why an override of that limit would not do what it says; undefined where it does. A counter that several accounts
 * share has no room for a quota of one of them; not to be counted at all an account can have anywhere.
 */
export function faultOfOverride({ limits }: PolicyOutline, name: string, isUnlimited: boolean): string | undefined {
  const own = limits.filter((limit) => limit.name === name);
  if (own.length === 0) return noneOf(limits.map((limit) => limit.name));
  if (isUnlimited || own.some(({ per }) => per.some((word) => OF_ONE_ACCOUNT.has(word)))) return undefined;
  const per = own.flatMap((limit) => limit.per);
  const counted = per.length === 0 ? "counts all callers together" : `counts by ${per.join(" and ")}`;
  return `${counted}, so accounts share a counter: only unlimited can be one's own`;
}

const OF_ONE_ACCOUNT: ReadonlySet<string> = new Set(["account", "api-key", "token"]);

/** What is wrong with a name that is not among these. */
export function noneOf(names: readonly string[]): string {
  return `is none of the policy's: ${names.length === 0 ? "it has none" : [...new Set(names)].join(", ")}`;
}

import type { Limit, QuotaUnit } from "../limit.ts";
import type { Verdict } from "../store.ts";
import { type AdvertisedLimit, type HeaderPair, windowSecondsOf } from "./advertisement.ts";
import { type ListMember, parseStringList, serializeString } from "./structured-field.ts";

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11): every enforced limit with its quota `q`, window
 * `w` and unit `qu`, and what remains of it `r` for how long `t`. Units that are requests go without saying.
 * The verdicts are as old as `ageMs` says.
 */
export function renderRateLimit(verdicts: readonly Verdict[], ageMs: number = 0): HeaderPair[] {
  const policy = policyOf(verdicts);
  if (policy.field === "") return [];
  let state = "";
  let shown = 0;
  for (const { limit, remaining, resetMs } of verdicts) {
    if (limit.isShadow) continue;
    const seconds = Math.ceil(Math.max(0, resetMs - ageMs) / 1000);
    state += `${policy.prefixes[shown++]}${Math.max(0, remaining)};t=${seconds}`;
  }
  return [
    ["RateLimit-Policy", policy.field],
    ["RateLimit", state],
  ];
}

/** What does not change of the two fields: the whole of the one, and how each member of the other begins. */
interface Policy {
  readonly limits: readonly Limit[];
  readonly field: string;
  readonly prefixes: readonly string[];
}

const policies = new WeakMap<Limit, Policy>();
const NO_POLICY: Policy = { limits: [], field: "", prefixes: [] };

/** The policy that a request's limits make. Most requests meet the same ones, so it is kept by the first of them. */
function policyOf(verdicts: readonly Verdict[]): Policy {
  const first = verdicts[0]?.limit;
  if (!first) return NO_POLICY;
  const known = policies.get(first);
  if (known && isOf(known, verdicts)) return known;
  const limits = verdicts.map(({ limit }) => limit);
  const shown = limits.filter((limit) => !limit.isShadow);
  const policy = {
    limits,
    field: shown.map(policyMember).join(", "),
    prefixes: shown.map(({ name }, i) => `${i === 0 ? "" : ", "}${serializeString(name)};r=`),
  };
  policies.set(first, policy);
  return policy;
}

function isOf({ limits }: Policy, verdicts: readonly Verdict[]): boolean {
  if (limits.length !== verdicts.length) return false;
  for (let i = 0; i < limits.length; i++) if (verdicts[i]?.limit !== limits[i]) return false;
  return true;
}

function policyMember(limit: Limit): string {
  const windowSeconds = windowSecondsOf(limit);
  const window = windowSeconds === undefined ? "" : `;w=${windowSeconds}`;
  const unit = limit.unit === "requests" ? "" : `;qu=${serializeString(limit.unit)}`;
  return `${serializeString(limit.name)};q=${limit.quota}${window}${unit}`;
}

/** Reads the two fields. Malformed ones, and members without their required parameter, are ignored as the draft asks. */
export function parseRateLimit(fields: {
  readonly policy?: string | undefined;
  readonly state?: string | undefined;
}): AdvertisedLimit[] {
  const policies = new Map<string, ListMember>();
  for (const member of membersOf(fields.policy)) policies.set(member.value, member);
  const limits: AdvertisedLimit[] = [];
  for (const member of membersOf(fields.state)) {
    const remaining = integerOf(member, "r");
    if (remaining === undefined) continue;
    const resetSeconds = integerOf(member, "t");
    const policy = policies.get(member.value);
    limits.push({
      name: member.value,
      remaining,
      ...(resetSeconds !== undefined && { resetSeconds }),
      ...(policy && quotaOf(policy)),
    });
  }
  return limits;
}

/** What a policy says of a limit; nothing where it lacks the quota. */
function quotaOf(policy: ListMember): Pick<AdvertisedLimit, "quota" | "windowSeconds" | "unit"> {
  const quota = integerOf(policy, "q");
  if (quota === undefined) return {};
  const windowSeconds = integerOf(policy, "w");
  const unit = unitOf(policy);
  return { quota, ...(windowSeconds !== undefined && { windowSeconds }), ...(unit !== undefined && { unit }) };
}

function membersOf(field: string | undefined): ListMember[] {
  return (field === undefined ? undefined : parseStringList(field)) ?? [];
}

function integerOf(member: ListMember, key: string): number | undefined {
  const value = member.parameters.get(key);
  return typeof value === "number" && value >= 0 ? value : undefined;
}

/** Requests unless said otherwise. A unit that the draft does not know is passed on as it is. */
function unitOf(policy: ListMember): QuotaUnit | undefined {
  const unit = policy.parameters.get("qu") ?? "requests";
  return typeof unit === "string" ? (unit as QuotaUnit) : undefined;
}

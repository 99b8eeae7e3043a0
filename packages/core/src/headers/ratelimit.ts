import type { Limit, QuotaUnit } from "../limit.ts";
import type { Verdict } from "../store.ts";
import { type AdvertisedLimit, type HeaderPair, windowSecondsOf } from "./advertisement.ts";
import { StringList, serializeString } from "./structured-field.ts";

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
  const quotas = quotasOf(fields.policy ?? "");
  const list = new StringList(fields.state ?? "");
  let limits: AdvertisedLimit[] | undefined;
  while (list.nextMember()) {
    const name = list.member;
    let remaining: number | undefined;
    let resetSeconds: number | undefined;
    while (list.nextParameter()) {
      if (list.key === "r") remaining = amountOf(list.value);
      else if (list.key === "t") resetSeconds = amountOf(list.value);
    }
    if (remaining === undefined) continue;
    const { quota, windowSeconds, unit } = quotas.get(name) ?? UNKNOWN;
    const limit = { name, quota, windowSeconds, unit, remaining, resetSeconds };
    // Most fields have one limit, and an array that grows makes room for sixteen more.
    if (limits) limits.push(limit);
    else limits = [limit];
  }
  return limits && !list.isMalformed ? limits : [];
}

/** What a policy says of one limit. */
type Quota = Pick<AdvertisedLimit, "quota" | "windowSeconds" | "unit">;
type Quotas = ReadonlyMap<string, Quota>;

/** Of a limit that the policy does not tell of. */
const UNKNOWN: Quota = {};

/** What policies say by the names of limits, by their text: an API's is the same in all its answers. */
const knownQuotas = new Map<string, Quotas>();
/** Far more APIs than one process speaks to. */
const MOST_POLICIES = 100;

function quotasOf(policy: string): Quotas {
  const known = knownQuotas.get(policy);
  if (known) return known;
  const quotas = parsePolicy(policy);
  if (knownQuotas.size >= MOST_POLICIES) knownQuotas.clear();
  knownQuotas.set(policy, quotas);
  return quotas;
}

function parsePolicy(policy: string): Quotas {
  const quotas = new Map<string, Quota>();
  const list = new StringList(policy);
  while (list.nextMember()) {
    const name = list.member;
    let quota: number | undefined;
    let windowSeconds: number | undefined;
    let unit: QuotaUnit | undefined = "requests";
    while (list.nextParameter()) {
      if (list.key === "q") quota = amountOf(list.value);
      else if (list.key === "w") windowSeconds = amountOf(list.value);
      // One that the draft does not know is passed on as it is.
      else if (list.key === "qu") unit = typeof list.value === "string" ? (list.value as QuotaUnit) : undefined;
    }
    quotas.set(name, quota === undefined ? UNKNOWN : { quota, windowSeconds, unit });
  }
  return list.isMalformed ? new Map() : quotas;
}

/** What cannot be counted with is not there. */
function amountOf(value: string | number | boolean): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}

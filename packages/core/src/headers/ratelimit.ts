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
  let policy = "";
  let state = "";
  for (const verdict of verdicts) {
    if (verdict.limit.isShadow) continue;
    const { name, item } = policyItem(verdict.limit);
    const separator = policy === "" ? "" : ", ";
    policy += separator + item;
    state += `${separator}${name};r=${Math.max(0, verdict.remaining)};t=${Math.ceil(Math.max(0, verdict.resetMs - ageMs) / 1000)}`;
  }
  if (policy === "") return [];
  return [
    ["RateLimit-Policy", policy],
    ["RateLimit", state],
  ];
}

const items = new WeakMap<Limit, { name: string; item: string }>();

/** A limit's member of `RateLimit-Policy`, which never changes: rendered once. */
function policyItem(limit: Limit): { name: string; item: string } {
  let known = items.get(limit);
  if (!known) {
    const name = serializeString(limit.name);
    const windowSeconds = windowSecondsOf(limit);
    const unit = limit.unit === "requests" ? "" : `;qu=${serializeString(limit.unit)}`;
    known = { name, item: `${name};q=${limit.quota}${windowSeconds ? `;w=${windowSeconds}` : ""}${unit}` };
    items.set(limit, known);
  }
  return known;
}

/** Reads the two fields. Malformed ones, and members without their required parameter, are ignored as the draft asks. */
export function parseRateLimit(fields: {
  readonly policy?: string | undefined;
  readonly state?: string | undefined;
}): AdvertisedLimit[] {
  const policies = new Map(membersOf(fields.policy).map((member) => [member.value, member]));
  return membersOf(fields.state).flatMap((member) => {
    const remaining = integerOf(member, "r");
    if (remaining === undefined) return [];
    const policy = policies.get(member.value);
    const quota = policy && integerOf(policy, "q");
    return [
      {
        name: member.value,
        remaining,
        ...optional("resetSeconds", integerOf(member, "t")),
        ...(policy && quota !== undefined
          ? {
              quota,
              ...optional("windowSeconds", integerOf(policy, "w")),
              ...optional("unit", unitOf(policy)),
            }
          : {}),
      },
    ];
  });
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

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}

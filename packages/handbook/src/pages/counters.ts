import type { Policy } from "@headgate/policy";
import { CREDENTIALS } from "../credential.ts";
import type { Subject } from "../subject.ts";
import { callerLabel } from "../words/caller.ts";
import { sourceLabel } from "../words/caller-source.ts";

/** Whose requests are counted together. */
export function counters({ limits, policy }: Subject): string[] {
  const callers = new Set(limits.flatMap(({ per }) => per));
  const lines: string[] = [];
  for (const caller of callers) {
    if (caller === "ip") lines.push(ipLine(policy.callers.ipv6Prefix));
    else if (caller === "account") lines.push(accountLine(policy, callers));
    else if (caller !== "endpoint" && caller !== "method") lines.push(callerLine(caller, policy));
  }
  if (callers.has("method")) lines.push("Limits per method: each method has a counter of its own.");
  if (limits.length > 1) {
    lines.push("A request counts for every limit that applies to it, and is admitted only if all of them admit it.");
  }
  return lines;
}

function callerLine(caller: string, policy: Policy): string {
  const label = callerLabel(caller);
  const several = policy.credentials === "managed" ? ", also where an account has several" : "";
  return `Limits per ${label}: each ${label} has a counter of its own${several}, and none uses up another's.${sourceLine(caller, policy)}`;
}

/** Whoever shows an account's credential is the account, unless requests say it themselves. */
function accountLine(policy: Policy, told: ReadonlySet<string>): string {
  const names = policy.callers.sections.has("account") ? ["account"] : CREDENTIALS.filter((name) => !told.has(name));
  return `Limits per account: all its keys and tokens share one counter.${names.map((name) => sourceLine(name, policy)).join("")}`;
}

/** ` A request shows its API key …`; empty for callers that requests do not name. */
function sourceLine(caller: string, { callers }: Policy): string {
  const section = callers.sections.get(caller);
  return section ? ` A request shows its ${callerLabel(caller)} ${sourceLabel(section)}.` : "";
}

function ipLine(prefix: number): string {
  const v6 = prefix === 128 ? "" : ` An IPv6 address counts by its first ${prefix} bits, which are one network's.`;
  return `Limits per IP address: each address has a counter of its own.${v6}`;
}

import type { Policy, PolicyLimit } from "@headgate/policy";
import { blocks, code, list, table } from "../markdown.ts";
import type { Subject } from "../subject.ts";
import { charge } from "../words/allowance.ts";
import { callerLabel } from "../words/caller.ts";
import { groupLabelOf } from "../words/endpoint.ts";
import { limitLabel } from "../words/limit-label.ts";
import { capitalised, enumeration, number, quantity } from "../words/quantity.ts";
import { statusesOf } from "../words/statuses.ts";
import { duration, windowOf } from "../words/window.ts";

/** When windows begin and end, what is counted together, and what a request counts for. */
export function counting(subject: Subject): string | undefined {
  if (subject.limits.length === 0) return undefined;
  return blocks(list([...windows(subject), ...counters(subject), ...charges(subject)]), endpoints(subject));
}

function windows({ limits, policy }: Subject): string[] {
  const kinds = [...Map.groupBy(limits, kindOf)].toSorted(([, a], [, b]) => b.length - a.length);
  return kinds.map(([kind, group], i) => {
    const others = kinds.length === 1 ? "" : "Unless said otherwise below, ";
    const where = i === 0 ? others : `${enumeration(group.map((limit) => limitLabel(limit, policy)))}: `;
    return capitalised(`${where}${WINDOWS[kind](group[0] as PolicyLimit)}`);
  });
}

type WindowKind = "first-request" | "clock" | "calendar" | "sliding-window" | "token-bucket" | "concurrency";

function kindOf({ limit: { algorithm, calendar, align } }: PolicyLimit): WindowKind {
  if (algorithm !== "fixed-window") return algorithm;
  return calendar ? "calendar" : align;
}

const WINDOWS: Readonly<Record<WindowKind, (example: PolicyLimit) => string>> = {
  "first-request": () =>
    "a window begins with your first request and lasts as long as the table says. All that it allows may come at once. " +
    "The first request after its end begins the next window, with the whole quota.",
  clock: ({ limit }) =>
    `windows begin on the clock, at multiples of their length: one of ${duration(limit.windowMs)} every ` +
    `${duration(limit.windowMs)}, whenever your first request came. Then the whole quota is there again.`,
  calendar: ({ limit }) => `the window is a ${windowOf(limit)}: at its end the whole quota is there again.`,
  "sliding-window": () =>
    "the window slides: what counts is what you asked for in the time before each request. Use is forgotten bit by bit, " +
    "and never all at once.",
  "token-bucket": () =>
    "the quota refills evenly all the time, up to what may be used at once, and not all at once when a window ends.",
  concurrency: () =>
    "what counts are requests under way at the same time. A place is free again when its answer has ended.",
};

/** Whose requests are counted together. */
function counters({ limits, policy }: Subject): string[] {
  const callers = new Set(limits.flatMap(({ per }) => per));
  const lines: string[] = [];
  for (const caller of callers) {
    if (caller === "account") lines.push("Limits per account: all its keys and tokens share one counter.");
    else if (caller === "ip") lines.push(ipLine(policy.callers.ipv6Prefix));
    else if (caller !== "endpoint" && caller !== "method") {
      const several = policy.credentials === "managed" ? ", also where an account has several" : "";
      const label = callerLabel(caller);
      lines.push(`Limits per ${label}: each ${label} has a counter of its own${several}, and none uses up another's.`);
    }
  }
  if (callers.has("method")) lines.push("Limits per method: each method has a counter of its own.");
  if (limits.length > 1) {
    lines.push("A request counts for every limit that applies to it, and is admitted only if all of them admit it.");
  }
  return lines;
}

function ipLine(prefix: number): string {
  const v6 = prefix === 128 ? "" : ` An IPv6 address counts by its first ${prefix} bits, which are one network's.`;
  return `Limits per IP address: each address has a counter of its own.${v6}`;
}

/** What a request counts for. */
function charges({ limits, policy, batch }: Subject): string[] {
  const counted = limits.filter(({ limit }) => limit.countRejected);
  const isAll = counted.length === limits.length;
  const lines: string[] = [];
  if (!isAll) {
    const others = counted.length === 0 ? "" : ", except as said below";
    lines.push(`A request that a limit refuses counts for nothing${others}: a caller that waits as told is admitted.`);
  }
  if (counted.length > 0) {
    const where = isAll ? "" : `For ${enumeration(counted.map((limit) => limitLabel(limit, policy)))}, `;
    lines.push(
      capitalised(`${where}refused requests count too: what remains goes below zero, until the window has ended.`),
    );
  }
  for (const limit of limits) {
    const label = limitLabel(limit, policy);
    const cost = charge(limit.cost);
    if (cost !== undefined) lines.push(`${label}: ${cost}.${tooCostly(limit, policy)}`);
    if (limit.refund) lines.push(`${label}: answers with the status ${codes(limit.refund)} cost nothing.`);
    if (limit.charge) lines.push(`${label}: only answers with the status ${codes(limit.charge)} count.`);
  }
  if (batch && countsAsOne(limits)) {
    lines.push(batchLine(policy.upstream?.kind === "builtin" ? policy.events.maxBatch : undefined));
  }
  return lines;
}

/** Whether a batch counts for as much as any other request. */
export function countsAsOne(limits: Subject["limits"]): boolean {
  return limits.every(({ cost }) => cost.kind === "units" && cost.units === 1);
}

/** What a single request can be too large for. */
function tooCostly({ cost }: PolicyLimit, { responses }: Policy): string {
  if (cost.kind !== "bytes" && cost.kind !== "items") return "";
  const status = responses.tooLarge?.status ?? 413;
  return ` A request for more than the whole quota is answered ${status}: waiting does not help, send less at a time.`;
}

function batchLine(most: number | undefined): string {
  const upTo = most === undefined ? "" : `, up to ${quantity(most, "event")}`;
  return `A [batch](batching.md) counts as one request, however many it holds${upTo}.`;
}

function codes(test: NonNullable<PolicyLimit["refund"]>): string {
  return enumeration(statusesOf(test).map(code), "or");
}

/** What each counter by endpoint is about. */
function endpoints({ limits, policy }: Subject): string | undefined {
  const { patterns } = policy.endpoints;
  if (!limits.some(({ per }) => per.includes("endpoint"))) return undefined;
  if (patterns.length === 0) return "Where limits count by endpoint, all paths together are one.";
  const places = patterns.some((pattern) => /[*{]/.test(pattern))
    ? ", whatever stands in the place of stars and braces"
    : "";
  return blocks(
    `Where limits count by endpoint, each of these ${number(patterns.length)} has a counter of its own${places}. All other ` +
      "paths together are one.",
    table(
      ["Endpoint", "Group"],
      patterns.map((pattern) => [code(pattern), groupLabelOf(pattern, policy)]),
    ),
  );
}

import type { PolicyLimit } from "@headgate/policy";
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
    "the quota refills evenly all the time, up to what may be used at once; there is no moment at which it is whole again " +
    "for everybody.",
  concurrency: () =>
    "what counts are requests under way at the same time. A place is free again when its answer has ended.",
};

/** Whose requests are counted together. */
function counters({ limits, policy }: Subject): string[] {
  const callers = new Set(limits.flatMap(({ per }) => per));
  const lines: string[] = [];
  for (const caller of callers) {
    if (caller === "account") lines.push("All keys and tokens of an account share its counters.");
    else if (caller === "ip") lines.push(ipLine(policy.callers.ipv6Prefix));
    else if (caller !== "endpoint" && caller !== "method") {
      const several = policy.credentials === "managed" ? ", also where an account has several" : "";
      lines.push(`Each ${callerLabel(caller)} has counters of its own${several}: what one uses never moves another's.`);
    }
  }
  if (callers.has("method")) lines.push("Each method has a counter of its own, where the table says so.");
  if (limits.length > 1) {
    lines.push("A request counts for every limit that applies to it, and is admitted if all of them admit it.");
  }
  return lines;
}

function ipLine(prefix: number): string {
  const v6 = prefix === 128 ? "" : ` An IPv6 address counts by its first ${prefix} bits, which are one network's.`;
  return `Each IP address has counters of its own.${v6}`;
}

/** What a request counts for. */
function charges({ limits, policy, batch }: Subject): string[] {
  const counted = limits.filter(({ limit }) => limit.countRejected);
  const isAll = counted.length === limits.length;
  const lines: string[] = [];
  if (!isAll) {
    const others = counted.length === 0 ? "" : ", except as said below";
    lines.push(`A refused request counts for nothing${others}: who waits as told is admitted.`);
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
    if (cost !== undefined) lines.push(`${label}: ${cost}.`);
    if (limit.refund) lines.push(`${label}: answers with the status ${codes(limit.refund)} cost nothing.`);
    if (limit.charge) lines.push(`${label}: only answers with the status ${codes(limit.charge)} count.`);
  }
  const isOneRequest = limits.every(({ cost }) => cost.kind === "units" && cost.units === 1);
  if (batch && isOneRequest)
    lines.push(batchLine(policy.upstream?.kind === "builtin" ? policy.events.maxBatch : undefined));
  return lines;
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
  if (patterns.length === 0 || !limits.some(({ per }) => per.includes("endpoint"))) return undefined;
  const braces = patterns.some((pattern) => pattern.includes("{"))
    ? ", whatever stands in the place of the braces"
    : "";
  return blocks(
    `Where limits count by endpoint, each of these ${number(patterns.length)} has a counter of its own${braces}. All other ` +
      "paths together are one.",
    table(
      ["Endpoint", "Group"],
      patterns.map((pattern) => [code(pattern), groupLabelOf(pattern, policy)]),
    ),
  );
}

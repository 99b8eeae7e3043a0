import type { Policy, PolicyLimit } from "@headgate/policy";
import { blocks, code, list, table } from "../markdown.ts";
import { requestTo } from "../staged/request-for.ts";
import type { Subject } from "../subject.ts";
import { charge, countsBody } from "../words/allowance.ts";
import { groupLabelOf } from "../words/endpoint.ts";
import { limitLabel } from "../words/limit-label.ts";
import { capitalised, enumeration, number, quantity } from "../words/quantity.ts";
import { statusesOf } from "../words/statuses.ts";
import { duration, windowOf } from "../words/window.ts";
import { counters } from "./counters.ts";

/** When windows begin and end, what is counted together, and what a request counts for. */
export function counting(subject: Subject): string | undefined {
  if (subject.limits.length === 0) return undefined;
  return blocks(list([...windows(subject), ...counters(subject), ...charges(subject)]), endpoints(subject));
}

function windows({ limits, policy }: Subject): string[] {
  const ways = [...Map.groupBy(limits, (limit) => WINDOWS[kindOf(limit)](limit))].toSorted(
    ([, a], [, b]) => b.length - a.length,
  );
  return ways.map(([way, group], i) => {
    const others = ways.length === 1 ? "" : "Unless said otherwise below, ";
    const where = i === 0 ? others : `${enumeration(group.map((limit) => limitLabel(limit, policy)))}: `;
    return capitalised(`${where}${way}`);
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
  calendar: ({ limit }) => `the window is a ${windowOf(limit)}, and at its end the whole quota is there again.`,
  "sliding-window": () =>
    "the window slides: what counts is what you asked for in the time before each request. Use is forgotten bit by bit, " +
    "and never all at once.",
  "token-bucket": () =>
    "the quota refills evenly all the time, up to what may be used at once, and not all at once when a window ends.",
  concurrency: () =>
    "what counts are requests under way at the same time. A place is free again when its answer has ended.",
};

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
function tooCostly(policyLimit: PolicyLimit, { responses }: Policy): string {
  if (!countsBody(policyLimit)) return "";
  const most = policyLimit.limit.algorithm === "token-bucket" ? "may be used at once" : "the whole quota";
  return (
    ` A request for more than ${most} is answered ${responses.tooLarge?.status ?? 413}, as is ` +
    "[a body that is too large](refusals.md#a-body-that-is-too-large): waiting does not help, send less at a time."
  );
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
  const byEndpoint = limits.filter(({ per }) => per.includes("endpoint"));
  if (byEndpoint.length === 0) return undefined;
  const patterns = policy.endpoints.patterns.filter((pattern) =>
    byEndpoint.some((limit) => requestTo(pattern, policy, limit) !== undefined),
  );
  if (patterns.length === 0) return "Where limits count by endpoint, all paths together are one.";
  const places = patterns.some((pattern) => /[*{]/.test(pattern))
    ? ", whatever stands in the place of stars and braces"
    : "";
  const isOfGroups = byEndpoint.every(({ matchSection }) => matchSection.endpoint !== undefined);
  return blocks(
    `Where limits count by endpoint, each of these ${number(patterns.length)} has a counter of its own${places}.` +
      (isOfGroups ? "" : " All other paths together are one."),
    table(
      ["Endpoint", "Group"],
      patterns.map((pattern) => [code(pattern), groupLabelOf(pattern, policy)]),
    ),
  );
}

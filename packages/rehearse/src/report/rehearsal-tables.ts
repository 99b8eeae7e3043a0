import type { CallerCount, CallerTally, EndpointTally, LimitTally, Rehearsal } from "../rehearsal.ts";
import { formatCount, formatDuration, formatForeign, formatShare } from "./quantities.ts";
import { type Cell, type ReportTable, reportTable } from "./report-table.ts";

/** By limit, by caller and by endpoint: the tables of a report, in its order. */
export function rehearsalTables(rehearsal: Rehearsal): ReportTable[] {
  return [limitTable(rehearsal), callerTable(rehearsal), endpointTable(rehearsal)];
}

const LIMIT_CELLS: readonly Cell<LimitTally>[] = [
  ["limit", ({ name }) => formatForeign(name)],
  ["kind", ({ kind, isShadow }) => `${isShadow ? "shadow " : ""}${kind === "body-cap" ? "size" : "rate"}`],
  ["met", ({ met }) => formatCount(met), "number"],
  ["denied", ({ denied }) => formatCount(denied), "number"],
  ["share", ({ denied, met }) => formatShare(denied, met), "number"],
  ["binding", ({ binding, isShadow }) => (isShadow ? "—" : formatCount(binding)), "number"],
  ["callers", ({ callersDenied }) => formatCallers(callersDenied), "number"],
];

/** Fits into a line of a terminal. */
const LIMIT_NOTE = "denied: other limits aside. binding: refusals that name it, one limit each.";

function limitTable({ limits }: Rehearsal): ReportTable {
  return { ...reportTable("By limit", "The policy has no limits.", LIMIT_CELLS, limits), note: LIMIT_NOTE };
}

const CALLER_CELLS: readonly Cell<CallerTally>[] = [
  ["caller", (caller) => callerName(caller)],
  ["requests", ({ requests }) => formatCount(requests), "number"],
  ["refused", ({ refused }) => formatCount(refused), "number"],
  ["share", ({ refused, requests }) => formatShare(refused, requests), "number"],
  ["shut out for", ({ shutOut }) => (shutOut.times === 0 ? "—" : formatDuration(shutOut.totalMs)), "number"],
  ["longest", ({ shutOut }) => (shutOut.times === 0 ? "—" : formatDuration(shutOut.longestMs)), "number"],
  ["refused by", ({ refusedBy }) => formatForeign(namesByCount(refusedBy).join(", ")) || "—"],
];

/** As many as a reader looks at. */
const CALLERS_SHOWN = 20;

function callerTable({ callers, shadowRefused }: Rehearsal): ReportTable {
  const shadow: Cell<CallerTally> = ["shadow", ({ shadowRefused }) => formatCount(shadowRefused), "number"];
  const cells = shadowRefused === 0 ? CALLER_CELLS : CALLER_CELLS.toSpliced(4, 0, shadow);
  const shown = callers.slice(0, CALLERS_SHOWN);
  return reportTable("Callers refused most", "Nobody would have been refused.", cells, shown);
}

const ENDPOINT_CELLS: readonly Cell<EndpointTally>[] = [
  ["endpoint", ({ endpoint }) => endpointName(endpoint)],
  ["requests", ({ requests }) => formatCount(requests), "number"],
  ["admitted", ({ admitted }) => formatCount(admitted), "number"],
  ["refused", ({ refused }) => formatCount(refused), "number"],
  ["share", ({ refused, requests }) => formatShare(refused, requests), "number"],
];

function endpointTable({ endpoints }: Rehearsal): ReportTable {
  return reportTable("By endpoint", "There were no requests.", ENDPOINT_CELLS, endpoints);
}

/** `api-key ex_sk_12…a1b2c3`. */
export function callerName({ kind, value }: Pick<CallerTally, "kind" | "value">): string {
  if (value === "") return `(no ${kind})`;
  return formatForeign(`${kind} ${value}`, 60);
}

export function endpointName(endpoint: string | null): string {
  return endpoint === null ? "(all others)" : formatForeign(endpoint, 60);
}

/** `about 12,000` where it was too many to remember. */
export function formatCallers({ count, isEstimate }: CallerCount): string {
  return `${isEstimate ? "about " : ""}${formatCount(count)}`;
}

function namesByCount(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name]) => name);
}

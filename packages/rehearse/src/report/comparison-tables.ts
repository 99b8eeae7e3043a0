import type { CallerChange, Comparison, CountChange } from "./comparison.ts";
import { formatCount, formatDuration, formatPath } from "./quantities.ts";
import { callerName, endpointName } from "./rehearsal-tables.ts";
import type { PolicyBefore } from "./report.ts";
import { type Cell, type ReportTable, reportTable } from "./report-table.ts";

/** The files of the two policies. */
interface PolicyNames {
  readonly before: string;
  readonly after: string;
}

/** Callers listed under each heading. */
const CALLERS_SHOWN = 20;

/** Caller by caller, by limit and by endpoint: what the second policy changes. */
export function comparisonTables({ policy, comparison }: PolicyBefore, after: string): ReportTable[] {
  const names = { before: policy, after };
  return [
    totalTable(comparison, names),
    callerTable("Callers newly refused", ["newly-refused"], comparison, names),
    callerTable("Callers no longer refused", ["no-longer-refused"], comparison, names),
    callerTable("Callers refused more or less often", ["refused-more", "refused-less"], comparison, names),
    countTable("Denied, by limit", "limit", comparison.limits, names),
    countTable("Refused, by endpoint", "endpoint", comparison.endpoints, names),
  ];
}

/** What must be said of the comparison beside its tables; undefined where that is nothing. */
export function comparisonNote({ isComplete }: Comparison): string | undefined {
  if (isComplete) return undefined;
  return "Too many callers were refused to list all: some that either policy refuses but a few times are left out, or told as few.";
}

interface Total {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly format: (count: number) => string;
}

function totalTable({ before, after }: Comparison, names: PolicyNames): ReportTable {
  const totals: Total[] = [
    { name: "requests refused", before: before.refused, after: after.refused, format: formatCount },
    {
      name: "callers refused",
      before: before.callersRefused.count,
      after: after.callersRefused.count,
      format: formatCount,
    },
    {
      name: "shut out for",
      before: before.shutOut.totalMs,
      after: after.shutOut.totalMs,
      format: formatDuration,
    },
  ];
  const cells: Cell<Total>[] = [
    ["all together", ({ name }) => name],
    [formatPath(names.before, 40), ({ before, format }) => format(before), "number"],
    [formatPath(names.after, 40), ({ after, format }) => format(after), "number"],
    ["change", ({ before, after, format }) => signed(after - before, format), "number"],
  ];
  const title = `What changes from ${formatPath(names.before)} to ${formatPath(names.after)}`;
  return reportTable(title, "", cells, totals);
}

function callerTable(
  title: string,
  effects: readonly CallerChange["effect"][],
  { callers }: Comparison,
  names: PolicyNames,
): ReportTable {
  const changes = callers.filter(({ effect }) => effects.includes(effect));
  const shown = changes.length > CALLERS_SHOWN ? `, the first ${CALLERS_SHOWN}` : "";
  const cells: Cell<CallerChange>[] = [["caller", callerName], ...changeCells(names, "few")];
  const heading = `${title} (${formatCount(changes.length)}${shown})`;
  return reportTable(heading, "None.", cells, changes.slice(0, CALLERS_SHOWN));
}

function countTable(
  title: string,
  what: "limit" | "endpoint",
  changes: readonly CountChange[],
  names: PolicyNames,
): ReportTable {
  const cells: Cell<CountChange>[] = [[what, ({ name }) => endpointName(name)], ...changeCells(names, "—")];
  return reportTable(title, "None.", cells, changes);
}

/** Before, after, and the difference; `unknown` stands where there is no number. */
function changeCells(names: PolicyNames, unknown: string): Cell<Pick<CountChange, "before" | "after">>[] {
  const text = (count: number | null): string => (count === null ? unknown : formatCount(count));
  return [
    [formatPath(names.before, 40), ({ before }) => text(before), "number"],
    [formatPath(names.after, 40), ({ after }) => text(after), "number"],
    [
      "change",
      ({ before, after }) => (before === null || after === null ? "" : signed(after - before, formatCount)),
      "number",
    ],
  ];
}

function signed(difference: number, format: (count: number) => string): string {
  if (difference === 0) return "—";
  return `${difference > 0 ? "+" : "−"}${format(Math.abs(difference))}`;
}

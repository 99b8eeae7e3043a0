import { timelineText } from "../charts/timeline-text.ts";
import type { LogReport } from "../log-report.ts";
import type { Rehearsal } from "../rehearsal.ts";
import { comparisonNote, comparisonTables } from "./comparison-tables.ts";
import { logFaults, logSummary } from "./log-summary.ts";
import { COLOURED, type Paint, PLAIN } from "./paint.ts";
import { formatForeign, formatPath, LONGEST_NOTE } from "./quantities.ts";
import { rehearsalTables } from "./rehearsal-tables.ts";
import { type PolicyBefore, type Report, subjectOf, warningOf } from "./report.ts";
import type { ReportTable } from "./report-table.ts";
import { spanOf, summaryOf } from "./summary.ts";
import { textTable } from "./text-table.ts";

export interface TextReportOptions {
  /** How wide the terminal is. */
  readonly columns: number;
  readonly colour: boolean;
}

const INDENT = "  ";
/** A wider chart is harder to read, not easier. */
const WIDEST_CHART = 100;

/**
 * A rehearsal as people read it in a terminal; ends with a line's end. What changes from another policy comes first, for
 * that is what was asked.
 */
export function formatReport(report: Report, { columns, colour }: TextReportOptions): string {
  const { rehearsal } = report;
  const paint = colour ? COLOURED : PLAIN;
  const width = Math.min(columns, WIDEST_CHART) - 2 * INDENT.length;
  const warning = warningOf(report);
  return joined([
    [paint("bold", formatForeign(rehearsal.title)), ...indented([subjectOf(report), spanOf(rehearsal)])],
    ...(warning === undefined
      ? numberSections(report, width, paint)
      : [[paint("red", warning), ...indented(faultLines(rehearsal.log, paint))]]),
    noteLines(rehearsal, paint),
  ]);
}

function numberSections({ rehearsal, policy, against }: Report, width: number, paint: Paint): string[][] {
  const summary = summaryLines(rehearsal, paint);
  const details = [
    timelineLines(rehearsal, width, paint),
    ...tableLines(rehearsalTables(rehearsal), paint),
    logLines(rehearsal, paint),
  ];
  if (!against) return [summary, ...details];
  const heading = paint("bold", `${formatPath(policy)} by itself`);
  return [...comparisonSections(against, policy, paint), [heading, ...summary], ...details];
}

function comparisonSections(against: PolicyBefore, policy: string, paint: Paint): string[][] {
  const tables = tableLines(comparisonTables(against, policy), paint);
  const note = comparisonNote(against.comparison);
  return note === undefined ? tables : [...tables, [note]];
}

/** The faults of a log, for who asked for something else; "" where there are none. */
export function formatLog(log: LogReport): string {
  return faultLines(log, PLAIN)
    .map((line) => `${line}\n`)
    .join("");
}

/** Sections with an empty line between them. */
function joined(sections: readonly (readonly string[])[]): string {
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function tableLines(tables: readonly ReportTable[], paint: Paint): string[][] {
  return tables.map((table) => [paint("bold", table.title), ...textTable(table, paint)]);
}

function summaryLines(rehearsal: Rehearsal, paint: Paint): string[] {
  const items = summaryOf(rehearsal);
  const labelWidth = Math.max(...items.map(({ label }) => label.length));
  const valueWidth = Math.max(...items.map(({ value }) => value.length));
  return items.map(({ label, value, detail, isRefusal }) => {
    const number = value.padStart(valueWidth);
    const line = `${INDENT}${label.padEnd(labelWidth)}  ${isRefusal ? paint("red", number) : number}`;
    return detail === "" ? line : `${line}  ${paint("dim", detail)}`;
  });
}

function noteLines({ notes }: Rehearsal, paint: Paint): string[] {
  if (notes.length === 0) return [];
  return [paint("bold", "Notes"), ...indented(notes.map((note) => formatForeign(note, LONGEST_NOTE)))];
}

function timelineLines({ timeline }: Rehearsal, width: number, paint: Paint): string[] {
  const lines = timelineText(timeline, width, paint);
  return lines.length === 0 ? [] : [paint("bold", "Over time"), ...indented(lines)];
}

function logLines({ log }: Rehearsal, paint: Paint): string[] {
  const summary = logSummary(log);
  return summary === "" ? [] : [paint("bold", "The log"), `${INDENT}${summary}`, ...indented(faultLines(log, paint))];
}

function faultLines(log: LogReport, paint: Paint): string[] {
  return logFaults(log).flatMap(({ title, examples }) => [paint("yellow", title), ...indented(examples)]);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `${INDENT}${line}`));
}

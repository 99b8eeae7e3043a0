import { type Bar, barsFigure } from "../charts/bars-figure.ts";
import { timelineFigures } from "../charts/timeline-figure.ts";
import type { Rehearsal } from "../rehearsal.ts";
import { comparisonNote, comparisonTables } from "./comparison-tables.ts";
import { STYLE } from "./html-style.ts";
import { htmlTable } from "./html-table.ts";
import { logFaults, logSummary } from "./log-summary.ts";
import { html, type Markup } from "./markup.ts";
import { formatForeign, formatPath, LONGEST_NOTE } from "./quantities.ts";
import { callerName, rehearsalTables } from "./rehearsal-tables.ts";
import { type PolicyBefore, type Report, subjectOf, warningOf } from "./report.ts";
import { type SummaryItem, spanOf, summaryOf } from "./summary.ts";
import { timelineTable } from "./timeline-table.ts";

/**
 * A rehearsal as one HTML file that needs nothing else: no scripts, no fonts, no network. Whatever the log had in it is
 * escaped, and the page forbids scripts besides.
 */
export function htmlReport(report: Report): string {
  const { rehearsal } = report;
  const title = formatForeign(rehearsal.title);
  const warning = warningOf(report);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: rehearsal</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${title}</h1><p>${subjectOf(report)}</p><p>${spanOf(rehearsal)}</p></header>
<main>
${warning === undefined ? numberSections(report) : html`<p class="warning">${warning}</p>`}
${logSection(rehearsal)}
${notesSection(rehearsal)}
</main>
<footer>Rehearsed by Headgate, with the engine that serves.</footer>
</body>
</html>
`.toString();
}

function numberSections({ rehearsal, policy, against }: Report): Markup[] {
  return [
    ...(against ? [...comparisonSections(against, policy), html`<h2>${formatPath(policy)} by itself</h2>`] : []),
    html`<dl>${summaryOf(rehearsal).map(summaryBox)}</dl>`,
    ...timelineFigures(rehearsal.timeline),
    ...timelineData(rehearsal),
    refusalFigures(rehearsal),
    ...rehearsalTables(rehearsal).map(htmlTable),
  ];
}

function summaryBox({ label, value, detail, isRefusal }: SummaryItem): Markup {
  return html`<div><dt>${label}</dt><dd class="value${isRefusal ? " refusal" : ""}">${value}</dd><dd class="detail">${detail}</dd></div>`;
}

function comparisonSections(against: PolicyBefore, policy: string): Markup[] {
  const note = comparisonNote(against.comparison);
  const sections = comparisonTables(against, policy).map(htmlTable);
  return note === undefined ? sections : [...sections, html`<p>${note}</p>`];
}

/** The numbers of the charts, for whoever does not see them. */
function timelineData({ timeline }: Rehearsal): Markup[] {
  if (timeline.steps.length === 0) return [];
  return [html`<details><summary>The charts as a table</summary>${htmlTable(timelineTable(timeline))}</details>`];
}

/** Bars of a chart. */
const MOST_BARS = 10;

function refusalFigures({ limits, callers }: Rehearsal): Markup {
  const byLimit = limits.map(({ name, denied, isShadow }) => ({ label: formatForeign(name), count: denied, isShadow }));
  const byCaller = callers.map((caller) => ({ label: callerName(caller), count: caller.refused, isShadow: false }));
  const charts = { "Denied, by limit": byLimit, "Refused, by caller": byCaller };
  const figures = Object.entries(charts).flatMap(([title, bars]) => {
    const longest = longestOf(bars);
    return longest.length === 0 ? [] : [barsFigure(title, longest)];
  });
  return html`<div class="pair">${figures}</div>`;
}

function longestOf(bars: readonly Bar[]): Bar[] {
  return bars
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_BARS);
}

function logSection({ log }: Rehearsal): Markup[] {
  const summary = logSummary(log);
  if (summary === "") return [];
  const faults = logFaults(log).map(
    ({ title, examples }) => html`<li>${title}<ul>${examples.map((example) => html`<li>${example}</li>`)}</ul></li>`,
  );
  return [
    html`<section><h2>The log</h2><p>${summary}</p>${faults.length === 0 ? "" : html`<ul>${faults}</ul>`}</section>`,
  ];
}

function notesSection({ notes }: Rehearsal): Markup[] {
  if (notes.length === 0) return [];
  return [
    html`<section><h2>Notes</h2><ul>${notes.map((note) => html`<li>${formatForeign(note, LONGEST_NOTE)}</li>`)}</ul></section>`,
  ];
}

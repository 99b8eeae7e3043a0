import { area, curveStepAfter } from "d3-shape";
import type { Timeline, TimelineStep } from "../rehearsal.ts";
import { html, type Markup } from "../report/markup.ts";
import { formatCount, formatDuration, formatInstant } from "../report/quantities.ts";
import { countTicks, timeTicks } from "./ticks.ts";

/** One coloured area of the chart; those after it stand on top. */
interface Series {
  readonly className: string;
  readonly label: string;
  readonly countOf: (step: TimelineStep) => number;
}

const ADMITTED: Series = { className: "admitted", label: "admitted", countOf: (step) => step.admitted };
const REFUSED: Series = { className: "refused", label: "refused", countOf: (step) => step.refused };
const SHADOW: Series = { className: "shadow", label: "shadow-refused", countOf: (step) => step.shadowRefused };

/** The drawing's own units: a page stretches it. */
const WIDTH = 1000;
const HEIGHT = 100;

/** All requests over time, and below them what was refused, on a scale of its own. */
export function timelineFigures(timeline: Timeline): Markup[] {
  if (timeline.steps.length === 0) return [];
  const isAnyRefused = timeline.steps.some(({ refused, shadowRefused }) => refused + shadowRefused > 0);
  const all = figure("Requests over time", "tall", timeline, [ADMITTED, REFUSED]);
  return isAnyRefused ? [all, figure("Refused over time", "low", timeline, [REFUSED, SHADOW])] : [all];
}

function figure(title: string, size: "tall" | "low", timeline: Timeline, candidates: readonly Series[]): Markup {
  const { stepMs, steps } = timeline;
  const series = candidates.filter(({ countOf }) => steps.some((step) => countOf(step) > 0));
  const totalOf = (step: TimelineStep): number => series.reduce((sum, { countOf }) => sum + countOf(step), 0);
  const peak = steps.reduce((most, step) => (totalOf(step) > totalOf(most) ? step : most));
  const { ticks, end } = countTicks(totalOf(peak), size === "tall" ? 4 : 2);
  const from = (steps[0] as TimelineStep).from;
  const until = from + steps.length * stepMs;
  const summary =
    `${title}, in steps of ${formatDuration(stepMs)} from ${formatInstant(from)} to ${formatInstant(until)}: ` +
    `${series.map(({ label, countOf }) => `${formatCount(sum(steps, countOf))} ${label}`).join(", ")}; ` +
    `at most ${formatCount(totalOf(peak))} in a step, from ${formatInstant(peak.from)}.`;
  return html`<figure class="timeline ${size}">
<figcaption>${title} <span class="detail">in steps of ${formatDuration(stepMs)}</span> ${series.map(legend)}</figcaption>
<div class="plot">
<svg role="img" aria-label="${summary}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
${ticks.map(({ at }) => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${round(HEIGHT * (1 - at))}" y2="${round(HEIGHT * (1 - at))}"/>`)}
${series.map(({ className }, i) => html`<path class="${className}" d="${pathOf(steps, series.slice(0, i + 1), end)}"/>`)}
</svg>
<div class="y" aria-hidden="true">${ticks.map(({ at, label }) => html`<span style="bottom:${round(at * 100)}%">${label}</span>`)}</div>
<div class="x" aria-hidden="true">${timeTicks(from, until, 8).map(({ at, label }) => html`<span class="${at > 0.95 ? "last" : "amid"}" style="left:${round(at * 100)}%">${label}</span>`)}</div>
</div>
</figure>`;
}

/** The area of the last of the series, standing on the others. Steps are level, for each is one number. */
function pathOf(steps: readonly TimelineStep[], stacked: readonly Series[], end: number): string {
  const heightOf = (step: TimelineStep, count: number): number =>
    HEIGHT * (1 - stacked.slice(0, count).reduce((sum, { countOf }) => sum + countOf(step), 0) / end);
  const draw = area<TimelineStep>()
    .x((_, i) => (WIDTH * i) / steps.length)
    .y0((step) => heightOf(step, stacked.length - 1))
    .y1((step) => heightOf(step, stacked.length))
    .curve(curveStepAfter)
    .digits(2);
  // Once more for the last step: its level goes on to its end.
  return draw([...steps, steps.at(-1) as TimelineStep]) ?? "";
}

function legend({ className, label }: Series): Markup {
  return html`<span class="legend ${className}">${label}</span>`;
}

function sum(steps: readonly TimelineStep[], countOf: Series["countOf"]): number {
  return steps.reduce((total, step) => total + countOf(step), 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

import type { Timeline, TimelineStep } from "../rehearsal.ts";
import type { Paint } from "../report/paint.ts";
import { formatCount, formatCountOf, formatDuration, formatInstant, formatShare } from "../report/quantities.ts";
import { blockColumns } from "./block-columns.ts";
import { mergeSteps } from "./merge-steps.ts";

/** Lines of the larger chart, and of the smaller. */
const HIGH = 5;
const LOW = 2;

/**
 * Requests over time, and below them the refused on a scale of their own: else a share worth knowing of would not show.
 * Lines without their ends.
 */
export function timelineText(timeline: Timeline, columns: number, paint: Paint): string[] {
  const { steps, stepMs } = mergeSteps(timeline, columns);
  const [first] = steps;
  if (first === undefined) return [];
  const busiest = steps.reduce((most, step) => (totalOf(step) > totalOf(most) ? step : most));
  const worst = steps.reduce((most, step) => (step.refused > most.refused ? step : most));
  const step = formatDuration(stepMs);
  const lines = [
    ...blockColumns(steps.map(totalOf), totalOf(busiest), HIGH).map((line) => paint("cyan", line)),
    axis(first.from, (steps.at(-1) as TimelineStep).from + stepMs, steps.length),
    `each column ${step}; at most ${formatCountOf(totalOf(busiest), "request")}, from ${formatInstant(busiest.from)}`,
  ];
  if (worst.refused === 0) return lines;
  const share = formatShare(worst.refused, totalOf(worst));
  const refused = steps.map(({ refused }) => refused);
  return [
    ...lines,
    "",
    ...blockColumns(refused, worst.refused, LOW).map((line) => paint("red", line)),
    `refused: at most ${formatCount(worst.refused)} in ${step} (${share}), from ${formatInstant(worst.from)}`,
  ];
}

/** A line as wide as the columns, with the first and the last instant at its ends where there is room. */
function axis(from: number, until: number, width: number): string {
  const [left, right] = [formatInstant(from), formatInstant(until)];
  const dashes = width - left.length - right.length - 2;
  return dashes < 1 ? "─".repeat(width) : `${left} ${"─".repeat(dashes)} ${right}`;
}

function totalOf({ admitted, refused }: TimelineStep): number {
  return admitted + refused;
}

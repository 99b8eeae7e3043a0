import { scaleLinear, scaleUtc } from "d3-scale";

/** A mark on an axis. */
export interface Tick {
  /** Along the axis, from 0 to 1. */
  readonly at: number;
  readonly label: string;
}

/** About so many round numbers from 0 on; the last one ends the axis, at or above `most`. */
export function countTicks(most: number, about: number): { readonly ticks: readonly Tick[]; readonly end: number } {
  const scale = scaleLinear()
    .domain([0, Math.max(1, most)])
    .nice(about);
  const [, end = 1] = scale.domain();
  const format = new Intl.NumberFormat("en-US", { notation: "compact" });
  const whole = scale.ticks(about).filter(Number.isInteger);
  return { ticks: whole.map((value) => ({ at: value / end, label: format.format(value) })), end };
}

/** About so many round instants between two, in UTC: a day by its date, other instants by their time. */
export function timeTicks(from: number, until: number, about: number): Tick[] {
  const scale = scaleUtc().domain([from, until]).range([0, 1]);
  return scale.ticks(about).map((instant) => ({ at: scale(instant), label: labelOf(instant) }));
}

function labelOf(instant: Date): string {
  const [date = "", time = ""] = instant.toISOString().slice(0, 19).split("T");
  if (time === "00:00:00") return date;
  return time.endsWith(":00") ? time.slice(0, 5) : time;
}

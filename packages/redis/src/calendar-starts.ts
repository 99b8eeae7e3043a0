import { type Calendar, type CalendarWindow, calendarWindow } from "@headgate/core";

/** Windows told: the previous one, since Redis's clock may be behind, the current, the next, and two that follow it. */
const WINDOWS = 5;

const latest = new Map<string, { readonly current: CalendarWindow; readonly starts: readonly number[] }>();

/** The first instants of the windows around `now`, epoch ms, and the end of the last. Lua knows no time zones. */
export function calendarStarts(calendar: Calendar, now: number): readonly number[] {
  const key = `${calendar.unit} ${calendar.timezone}`;
  const known = latest.get(key);
  if (known && known.current.start <= now && now < known.current.end) return known.starts;

  const current = calendarWindow(calendar, now);
  let window = calendarWindow(calendar, current.start - 1);
  const starts = [window.start];
  while (starts.length < WINDOWS) {
    window = calendarWindow(calendar, window.end);
    starts.push(window.start);
  }
  starts.push(window.end);
  latest.set(key, { current, starts });
  return starts;
}

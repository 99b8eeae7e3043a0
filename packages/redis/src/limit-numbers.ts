import type { Limit } from "@headgate/core";
import { calendarStarts } from "./calendar-starts.ts";
import { counterNumber } from "./counter-number.ts";
import { ALGORITHMS } from "./lua-script.ts";

/** What scripts need of a limit, for `lua/limits.lua` to read. `now`, epoch ms, is for calendars. */
export function limitNumbers(limit: Limit, now: number): readonly number[] {
  const starts = limit.calendar ? calendarStarts(limit.calendar, now) : [];
  return [
    ALGORITHMS.indexOf(limit.algorithm) + 1,
    counterNumber(limit),
    limit.quota,
    limit.capacity,
    limit.windowMs,
    Number(limit.align === "clock"),
    Number(limit.isShadow),
    Number(limit.countRejected),
    starts.length,
    ...starts,
  ];
}

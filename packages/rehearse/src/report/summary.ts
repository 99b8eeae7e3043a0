import type { RefusalReason, Rehearsal } from "../rehearsal.ts";
import { linesLeftOut } from "./log-summary.ts";
import { formatCount, formatCountOf, formatDuration, formatInstant, formatShare } from "./quantities.ts";
import { formatCallers } from "./rehearsal-tables.ts";

/** One thing that a report says first. */
export interface SummaryItem {
  readonly label: string;
  readonly value: string;
  /** More about it; "" for nothing more. */
  readonly detail: string;
  readonly isRefusal: boolean;
}

/** What a reader wants to know first: how many were refused, and for how long. */
export function summaryOf(rehearsal: Rehearsal): SummaryItem[] {
  const { requests, admitted, refused, shadowRefused, callersSeen, callersRefused, shutOut, log } = rehearsal;
  const shadow = shadowRefused > 0 ? `, ${formatCount(shadowRefused)} of them shadow-refused` : "";
  const items: SummaryItem[] = [
    item("requests", formatCount(requests), [rateOf(rehearsal), linesLeftOut(log)].filter(Boolean).join(", ")),
    item("admitted", formatCount(admitted), `${formatShare(admitted, requests)}${shadow}`),
    refusal("refused", formatCount(refused), [formatShare(refused, requests), ...reasonsOf(rehearsal)].join(", ")),
  ];
  const share = formatShare(callersRefused.count, callersSeen.count);
  items.push(
    item("callers", formatCallers(callersSeen), ""),
    refusal("callers refused", formatCallers(callersRefused), `${share}, at least once`),
  );
  if (shutOut.times > 0) {
    const detail = `all of them together, ${formatCountOf(shutOut.times, "time")}, ${formatDuration(shutOut.longestMs)} at the longest`;
    items.push(refusal("shut out for", formatDuration(shutOut.totalMs), detail));
  }
  return items;
}

/** From when until when, in words. */
export function spanOf({ from, until }: Rehearsal): string {
  if (from === null || until === null) return "no requests";
  const length = until > from ? ` (${formatDuration(until - from)})` : "";
  const doubt =
    from >= LEAST_LIKE_SECONDS && until < MOST_LIKE_SECONDS ? ": epoch seconds, written where ms belong?" : "";
  return `${formatInstant(from)} to ${formatInstant(until)}${length}${doubt}`;
}

/** As seconds these are in the years 2001 and 2065; as ms, in the first weeks of 1970. */
const LEAST_LIKE_SECONDS = 1e9;
const MOST_LIKE_SECONDS = 3e9;

const REASONS: Readonly<Record<RefusalReason, string>> = {
  limited: "over a quota",
  "too-costly": "of a cost above the quota",
  "too-large": "too large",
  suspended: "of suspended callers",
  unreadable: "answered with 400",
};

/** Where there is but the usual reason, it goes without saying. */
function reasonsOf({ reasons }: Rehearsal): string[] {
  const there = (Object.keys(REASONS) as RefusalReason[]).filter((reason) => reasons[reason] > 0);
  if (there.length === 0 || (there.length === 1 && there[0] === "limited")) return [];
  return there.map((reason) => `${formatCount(reasons[reason])} ${REASONS[reason]}`);
}

function rateOf({ from, until, requests }: Rehearsal): string {
  if (from === null || until === null || until === from) return "";
  const perSecond = (requests * 1000) / (until - from);
  const [count, unit] =
    perSecond >= 1
      ? [perSecond, "second"]
      : perSecond >= 1 / 60
        ? [perSecond * 60, "minute"]
        : [perSecond * 3600, "hour"];
  return `${Number(count.toPrecision(3))} a ${unit}`;
}

function item(label: string, value: string, detail: string): SummaryItem {
  return { label, value, detail, isRefusal: false };
}

function refusal(label: string, value: string, detail: string): SummaryItem {
  return { label, value, detail, isRefusal: value !== "0" };
}

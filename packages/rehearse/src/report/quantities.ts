import { printable } from "@headgate/core";

const THOUSANDS = new Intl.NumberFormat("en-US");

/** `1,204,331`. */
export function formatCount(count: number): string {
  return THOUSANDS.format(count);
}

/** `3 callers`, `1 caller`. */
export function formatCountOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A part of a whole: `0.51%`, with three digits at most. What is more than nothing is never told as 0, nor less than all as 100. */
export function formatShare(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0%";
  if (part === whole) return "100%";
  const percent = (part / whole) * 100;
  if (percent < 0.01) return "<0.01%";
  if (percent > 99.99) return ">99.99%";
  return `${percent.toFixed(percent < 10 || percent > 99 ? 2 : 1)}%`;
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** A length of time by its two largest units: `2h 5m`. Below a second in ms. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const first = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  let rest = ms;
  const parts = UNITS.slice(first, first + 2).map(([name, unitMs]) => {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    return count === 0 ? "" : `${count}${name}`;
  });
  return parts.join(" ").trim();
}

/** An instant in UTC, to the second: `2026-01-05 13:00:00Z`. */
export function formatInstant(time: number): string {
  return new Date(time)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

/** Where a file is. What is too long is cut at its beginning: files are told apart by how their paths end. */
export function formatPath(path: string, longest = 80): string {
  const characters = [...printable(path)];
  return characters.length <= longest ? characters.join("") : `…${characters.slice(1 - longest).join("")}`;
}

/** Characters of a whole sentence. */
export const LONGEST_NOTE = 500;

/**
 * Text that strangers may have chosen, on one line: what cannot be seen, or would rearrange the line, is written as an
 * escape, and what is too long is cut.
 */
export function formatForeign(text: string, longest = 80): string {
  const characters = [...printable(text)];
  return characters.length <= longest ? characters.join("") : `${characters.slice(0, longest - 1).join("")}…`;
}

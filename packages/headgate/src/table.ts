import Table from "cli-table3";
import { style } from "./style.ts";

/** What stands where there is nothing. */
const NOTHING = "—";

/** A column of a table: its heading, and what it says of an item. */
export type Column<Item> = readonly [heading: string, text: (item: Item) => string | undefined];

/** Items as lines of aligned columns, below dim headings. */
export function table<Item>(columns: readonly Column<Item>[], items: readonly Item[]): string {
  const heads = columns.map(([heading]) => style("dim", heading));
  return aligned([heads, ...items.map((item) => columns.map(([, text]) => cell(text(item))))]);
}

/** One item, a line for each of its columns. */
export function card<Item>(columns: readonly Column<Item>[], item: Item): string {
  return aligned(columns.map(([heading, text]) => [style("dim", heading), cell(text(item))]));
}

/** A time as ISO 8601 has it, in UTC, to the second and with a blank amid; `never` where there is none. */
export function time(iso: string | null): string {
  return iso === null ? "never" : iso.replace("T", " ").replace(/\.\d+Z$/, "Z");
}

/** What cannot be seen is written as an escape: in a text that a stranger chose it could rearrange the line. */
function cell(text: string | undefined): string {
  const escaped = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  return text?.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped) ?? NOTHING;
}

const NO_BORDERS = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid"]
    .concat(["mid", "mid-mid", "right", "right-mid", "middle"])
    .map((part) => [part, ""]),
);

function aligned(rows: readonly (readonly string[])[]): string {
  const lines = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  lines.push(...rows.map((row) => [...row]));
  return lines.toString().replaceAll(/ +$/gm, "").concat("\n");
}

import Table from "cli-table3";
import type { NameOf } from "./account-names.ts";
import { style } from "./style.ts";

/** What stands where there is nothing. */
const NOTHING = "—";

/** What a table says of an item: a text; or a number, whose thousands are set apart and which is aligned right. */
type Cell = string | number | undefined;

/** A column of a table: its heading, and what it says of an item. */
export type Column<Item> = readonly [heading: string, cell: (item: Item, nameOf: NameOf) => Cell];

/** Items as lines of aligned columns, below dim headings. */
export function table<Item>(columns: readonly Column<Item>[], items: readonly Item[], nameOf: NameOf): string {
  const rows = items.map((item) => columns.map(([, cell]) => cell(item, nameOf)));
  const heads = columns.map(([heading]) => style("dim", heading));
  const isNumeric = columns.map((_, i) => rows.some((row) => typeof row[i] === "number"));
  return aligned([heads, ...rows.map((row) => row.map(textOf))], isNumeric);
}

/** One item, a line for each of its columns. */
export function card<Item>(columns: readonly Column<Item>[], item: Item, nameOf: NameOf): string {
  return aligned(columns.map(([heading, cell]) => [style("dim", heading), textOf(cell(item, nameOf))]));
}

/** A time as ISO 8601 has it, in UTC, to the second and with a blank amid; `never` where there is none. */
export function time(iso: string | null): string {
  return iso === null ? "never" : iso.replace("T", " ").replace(/\.\d+Z$/, "Z");
}

const THOUSANDS = new Intl.NumberFormat("en-US");

/** What cannot be seen is written as an escape: in a text that a stranger chose it could rearrange the line. */
function textOf(cell: Cell): string {
  if (typeof cell === "number") return THOUSANDS.format(cell);
  const escaped = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  return cell?.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped) ?? NOTHING;
}

const NO_BORDERS = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid"]
    .concat(["mid", "mid-mid", "right", "right-mid", "middle"])
    .map((part) => [part, ""]),
);

function aligned(rows: readonly (readonly string[])[], isRight: readonly boolean[] = []): string {
  const lines = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    colAligns: isRight.map((right) => (right ? "right" : "left")),
  });
  lines.push(...rows.map((row) => [...row]));
  return lines.toString().replaceAll(/ +$/gm, "").concat("\n");
}

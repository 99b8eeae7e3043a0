import type { Paint } from "./paint.ts";
import type { ReportTable } from "./report-table.ts";

const GAP = "  ";
const INDENT = "  ";

/** A table as aligned lines below dim headings, and its note below them. */
export function textTable({ columns, rows, empty, note }: ReportTable, paint: Paint): string[] {
  if (rows.length === 0) return [`${INDENT}${empty}`];
  const headings = columns.map(({ heading }) => heading);
  const widths = columns.map((_, i) => Math.max(...[headings, ...rows].map((row) => widthOf(row[i] ?? ""))));
  const lineOf = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.isNumber ?? false));
    return `${INDENT}${padded.join(GAP)}`.trimEnd();
  };
  const lines = [paint("dim", lineOf(headings)), ...rows.map(lineOf)];
  return note === undefined ? lines : [...lines, paint("dim", `${INDENT}${note}`)];
}

/** In characters as people count them. */
function widthOf(text: string): number {
  return [...text].length;
}

function pad(text: string, width: number, isNumber: boolean): string {
  const blanks = " ".repeat(width - widthOf(text));
  return isNumber ? blanks + text : text + blanks;
}

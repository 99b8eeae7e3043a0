import type { EventRow } from "@headgate/storage";
import { stringify } from "csv-stringify/sync";
import { isoOf } from "../query/event-json.ts";

const COLUMNS = [
  ...["id", "seq", "type", "time", "received_at", "actor_id", "actor_name"],
  ...["target_id", "target_type", "target_name", "metadata", "hash"],
];

/** What a spreadsheet would take for a formula is led by a quote, which makes it text. */
const OPTIONS = {
  record_delimiter: "windows",
  quote_record_delimiter: true,
  escape_formulas: true,
  cast: { string: (text: string) => (text.startsWith("\n") ? `'${text}` : text) },
} as const;

/** The names of the columns, as the first line of a CSV file (RFC 4180). */
export const CSV_HEADER: string = stringify([COLUMNS], OPTIONS);

/** Events as lines of a CSV file, each with its line break. */
export function csvLines(rows: readonly EventRow[]): string {
  return stringify(rows.map(cellsOf), OPTIONS);
}

function cellsOf(row: EventRow): (string | number | null)[] {
  return [
    ...[row.id, row.seq, row.type, isoOf(row.time), isoOf(row.received_at), row.actor_id, row.actor_name],
    ...[row.target_id, row.target_type, row.target_name, row.metadata, row.hash],
  ];
}

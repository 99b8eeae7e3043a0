import type { EventRow, ExportRow } from "@headgate/storage";
import { eventJson } from "../query/event-json.ts";
import { CSV_HEADER, csvLines } from "./csv.ts";

/** How events are written into a file. */
export interface ExportFormat {
  readonly mediaType: string;
  /** What the file begins with, whatever follows. */
  readonly header: string;
  /** Whole lines. */
  lines(rows: readonly EventRow[]): string;
}

export const EXPORT_FORMATS: Readonly<Record<ExportRow["format"], ExportFormat>> = {
  ndjson: {
    mediaType: "application/x-ndjson",
    header: "",
    lines: (rows) => rows.map(ndjsonLine).join(""),
  },
  csv: { mediaType: "text/csv; charset=utf-8; header=present", header: CSV_HEADER, lines: csvLines },
};

/** Metadata may have been sent on several lines, which are one here: then its text is told as well, byte for byte. */
function ndjsonLine(row: EventRow): string {
  const json = eventJson(row);
  if (row.metadata === null || !/[\r\n]/.test(row.metadata)) return `${json}\n`;
  const oneLine = json.replaceAll(/[\r\n]+/g, " ");
  return `${oneLine.slice(0, -1)},"metadata_text":${JSON.stringify(row.metadata)}}\n`;
}

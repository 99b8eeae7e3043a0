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
    lines: (rows) => rows.map((row) => `${eventJson(row)}\n`).join(""),
  },
  csv: { mediaType: "text/csv; charset=utf-8; header=present", header: CSV_HEADER, lines: csvLines },
};

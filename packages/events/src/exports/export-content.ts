import type { ExportRow } from "@headgate/storage";
import type { EventFilter } from "../query/event-filter.ts";
import type { EventSearch } from "../query/event-search.ts";
import { EXPORT_FORMATS } from "./export-format.ts";

/** How far an export has come: as its row says. */
export type ExportProgress = Pick<ExportRow, "at_seq" | "events" | "bytes">;

/** A piece of an export's file, and how far the export has come with it. */
export interface ExportPart {
  readonly bytes: Buffer;
  readonly progress: ExportProgress;
}

/** Events in memory at a time. One may have 32 KiB of metadata. */
const EVENTS_AT_A_TIME = 500;

/** Where an export begins. */
export function startOf({ after_seq }: ExportRow): ExportProgress {
  return { at_seq: after_seq, events: 0, bytes: 0 };
}

/**
 * What an export's file holds, from where `from` says. Wherever it is begun and broken off, the parts make the same bytes,
 * for events do not change. Throws `HG_STORAGE_…`.
 */
export async function* exportContent(
  search: EventSearch,
  row: ExportRow,
  from: ExportProgress,
): AsyncGenerator<ExportPart, void, undefined> {
  const { header, lines } = EXPORT_FORMATS[row.format];
  const request = {
    accountId: row.account_id,
    filter: JSON.parse(row.filter) as EventFilter,
    order: "asc",
    last: row.upto_seq,
    limit: EVENTS_AT_A_TIME,
  } as const;
  let progress = from;
  const partWith = (text: string, at_seq: number, events: number): ExportPart => {
    const bytes = Buffer.from(text);
    progress = { at_seq, events: progress.events + events, bytes: progress.bytes + bytes.length };
    return { bytes, progress };
  };
  if (from.bytes === 0 && header !== "") yield partWith(header, from.at_seq, 0);
  while (progress.at_seq < row.upto_seq) {
    const { rows, at } = await search.find({ ...request, first: progress.at_seq + 1 });
    yield partWith(lines(rows), at, rows.length);
  }
}

import type { ExportRow } from "@headgate/storage";
import type { EventsAnswer } from "../api/answer.ts";
import type { EventsContext } from "../context.ts";
import { Refusal } from "../problem.ts";
import { EventSearch } from "../query/event-search.ts";
import { exportContent, startOf } from "./export-content.ts";
import type { ExportFiles } from "./export-files.ts";
import { EXPORT_FORMATS } from "./export-format.ts";

/**
 * Answers with an export's file. Where another instance has made it, on a disk of its own, it is made again while it is
 * taken: events do not change, so it is the same. Throws `HG_EXPORT_GONE` where some of them have been removed since.
 */
export async function downloadAnswer(
  context: EventsContext,
  files: ExportFiles,
  row: ExportRow,
): Promise<EventsAnswer> {
  const { id, format } = row;
  const headers = [
    ...["Content-Type", EXPORT_FORMATS[format].mediaType],
    ...["Content-Disposition", `attachment; filename="${id}.${format}"`],
    ...["Cache-Control", "private, no-store", "X-Content-Type-Options", "nosniff"],
  ];
  if (await files.has(row)) return { status: 200, headers, body: files.read(row) };
  const { pruned_seq } = await context.events.head(row.account_id);
  if (pruned_seq > row.after_seq) {
    throw new Refusal("HG_EXPORT_GONE", "the export's file is lost, and some of its events are gone: ask for another");
  }
  return { status: 200, headers, body: madeAgain(new EventSearch(context.storage), row) };
}

async function* madeAgain(search: EventSearch, row: ExportRow): AsyncGenerator<Uint8Array, void, undefined> {
  let made = startOf(row);
  for await (const { bytes, progress } of exportContent(search, row, made)) {
    made = progress;
    if (bytes.length > 0) yield bytes;
  }
  // Broken off, so that nobody takes for whole what retention has come upon meanwhile.
  if (made.bytes !== row.bytes) throw new Error(`export ${row.id} cannot be made again as it was`);
}

import type { ExportRow } from "@headgate/storage";
import Type, { type TSchema } from "typebox";
import { refTo } from "../api/schemas.ts";
import type { EventsContext } from "../context.ts";
import type { EventFilter } from "../query/event-filter.ts";
import { isoOf } from "../query/event-json.ts";
import { downloadUrl } from "./download-link.ts";

const instantOrNull = (description: string): TSchema =>
  Type.Unsafe({ type: ["string", "null"], format: "date-time", description });
const textOrNull = (description: string): TSchema => Type.Unsafe({ type: ["string", "null"], description });
const count = (description: string): TSchema => Type.Integer({ minimum: 0, description });

/** An export as the API shows it. */
export const exportSchema: TSchema = Type.Object(
  {
    id: Type.String({ pattern: "^exp_[0-9a-hjkmnp-tv-z]{26}$" }),
    format: Type.Unsafe({ type: "string", enum: ["ndjson", "csv"] }),
    state: Type.Unsafe({ type: "string", enum: ["queued", "running", "completed", "failed"] }),
    from: instantOrNull("Only what happened then or later."),
    to: instantOrNull("Only what happened then or before."),
    filter: Type.Object(
      {
        type: textOrNull("Only events of this type; `*` stands for any characters."),
        actor: textOrNull("Only what this actor did."),
        target: textOrNull("Only what was done to this target."),
        text: textOrNull("Only where this is found."),
      },
      { additionalProperties: false },
    ),
    progress: Type.Object(
      {
        events_seen: count("Events that have been looked at."),
        of: count("All events of the account when the export was asked for."),
        events: count("Those of them that are in the file."),
        bytes: count("The file's size."),
      },
      { additionalProperties: false },
    ),
    error: textOrNull("Why it failed; null where it did not."),
    created_at: Type.String({ format: "date-time", description: "When it was asked for." }),
    completed_at: instantOrNull("When its file was there; null before."),
    expires_at: instantOrNull("When it is removed, with its file; null while it is under way."),
    download_url: textOrNull(
      "Whoever has it gets the file, for an hour. Every answer has a new one. Null until there is one.",
    ),
  },
  { $id: "Export", additionalProperties: false },
);

export const exportListSchema: TSchema = Type.Object(
  {
    items: Type.Array(refTo(exportSchema)),
    next_cursor: textOrNull("What to ask for as `cursor` to get the next page; null on the last."),
  },
  { $id: "ExportList", additionalProperties: false },
);

export function exportJson(context: EventsContext, row: ExportRow, now: number): object {
  const { type, actor, target, text, from, to } = JSON.parse(row.filter) as EventFilter;
  const hasEnded = row.state === "completed" || row.state === "failed";
  return {
    id: row.id,
    format: row.format,
    state: row.state,
    from: isoOrNull(from),
    to: isoOrNull(to),
    filter: { type: type ?? null, actor: actor ?? null, target: target ?? null, text: text ?? null },
    progress: {
      events_seen: row.at_seq - row.after_seq,
      of: row.upto_seq - row.after_seq,
      events: row.events,
      bytes: row.bytes,
    },
    error: row.error,
    created_at: isoOf(row.created_at),
    completed_at: isoOrNull(row.completed_at),
    expires_at: hasEnded ? isoOf(row.expires_at) : null,
    download_url: row.state === "completed" ? downloadUrl(context, row, now) : null,
  };
}

function isoOrNull(epochMs: number | null | undefined): string | null {
  return typeof epochMs === "number" ? isoOf(epochMs) : null;
}

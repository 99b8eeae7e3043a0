import type { ExportRow } from "@headgate/storage";
import Type, { type TSchema } from "typebox";
import { readTime } from "../ingest/event-time.ts";
import { Refusal } from "../problem.ts";
import type { EventFilter } from "../query/event-filter.ts";
import { filterFields } from "../query/filter-query.ts";

const { type, actor, target, text } = filterFields;
const time = (description: string): TSchema =>
  Type.Optional(Type.Unsafe({ type: ["string", "number"], description, examples: ["2031-01-01T00:00:00Z"] }));

/** What an export is asked for with. */
export const newExportSchema: TSchema = Type.Object(
  {
    format: Type.Unsafe({ type: "string", enum: ["ndjson", "csv"] }),
    from: time("Only what happened then or later: ISO 8601, or epoch seconds."),
    to: time("Only what happened then or before."),
    filter: Type.Optional(Type.Object({ type, actor, target, text }, { additionalProperties: false })),
  },
  { $id: "NewExport", additionalProperties: false },
);

export interface ExportRequest {
  readonly format: ExportRow["format"];
  readonly filter: EventFilter;
}

/** Reads a body that fits {@link newExportSchema}. Throws `HG_EVENTS_BODY`. */
export function exportRequestOf(body: unknown): ExportRequest {
  const { format, filter, ...times } = body as {
    readonly format: ExportRow["format"];
    readonly filter?: EventFilter;
    readonly from?: unknown;
    readonly to?: unknown;
  };
  return { format, filter: { ...filter, from: timeOf("from", times.from), to: timeOf("to", times.to) } };
}

/** Far enough: what is asked for may lie in the future, though no event does. */
const END_OF_TIME = Date.UTC(9999, 11, 31);

function timeOf(field: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const read = readTime(value, END_OF_TIME);
  if (typeof read === "number") return read;
  throw new Refusal("HG_EVENTS_BODY", `\`${field}\` ${read.fault}`, {
    faults: [{ pointer: `#/${field}`, detail: read.fault }],
  });
}

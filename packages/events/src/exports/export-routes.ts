import type { ExportRow } from "@headgate/storage";
import Type from "typebox";
import { emptyAnswer, jsonAnswer } from "../api/answer.ts";
import type { Route } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { isIdOf } from "../id.ts";
import { Refusal } from "../problem.ts";
import { cursorField, limitField } from "../query/filter-query.ts";
import { cursorAfterId, idBefore } from "../webhooks/id-cursor.ts";
import { checkDownload } from "./download-link.ts";
import { downloadAnswer } from "./export-download.ts";
import type { ExportFiles } from "./export-files.ts";
import { EXPORT_FORMATS } from "./export-format.ts";
import { exportJson, exportListSchema, exportSchema } from "./export-json.ts";
import { exportRequestOf, newExportSchema } from "./export-request.ts";
import { type ExportTable, MOST_UNDER_WAY } from "./export-table.ts";
import { KEPT_MS } from "./exporter.ts";

const tag = "Exports";
const DEFAULT_LIMIT = 50;

/** What exports are asked for with: their table, their files, and whom to tell that there is a new one. */
export interface ExportDesk {
  readonly table: ExportTable;
  readonly files: ExportFiles;
  wake(): void;
}

/** What there is under `/v1/exports`. */
export function exportRoutes(context: EventsContext, { table, files, wake }: ExportDesk): readonly Route[] {
  const { seal, newId, events } = context;

  const rowOf = async (id: string, now: number, accountId?: string): Promise<ExportRow> => {
    const row = isIdOf("export", id) ? await table.get(id, now) : undefined;
    if (row && (accountId === undefined || row.account_id === accountId)) return row;
    throw new Refusal("HG_EXPORT_UNKNOWN", `there is no export ${id.slice(0, 100).toWellFormed()}, or no more`);
  };

  return [
    {
      method: "POST",
      path: "/v1/exports",
      audience: "account",
      body: newExportSchema,
      operation: {
        operationId: "createExport",
        summary: "Export events into a file",
        description:
          "The file is made in the background, and holds events up to the last that there is now, in the order of their " +
          "numbers. It is kept for 7 days. Webhooks for `export.completed` are told when it is there. In a CSV file, " +
          "a quote leads each cell that a spreadsheet would take for a formula.",
        tag,
        answers: {
          202: {
            description: "The export, which has not begun.",
            type: "application/json",
            schema: exportSchema,
            headers: { Location: "Where to see how far it has come." },
          },
        },
        problems: [409],
      },
      async handle({ body, accountId, now }) {
        const { format, filter } = exportRequestOf(body);
        const { seq, pruned_seq } = await events.head(accountId);
        const row: ExportRow = {
          id: newId("export", now),
          account_id: accountId,
          format,
          filter: JSON.stringify(filter),
          state: "queued",
          after_seq: pruned_seq,
          upto_seq: seq,
          at_seq: pruned_seq,
          events: 0,
          bytes: 0,
          error: null,
          lease_owner: null,
          lease_until: 0,
          created_at: now,
          updated_at: now,
          completed_at: null,
          expires_at: now + KEPT_MS,
        };
        if (!(await table.add(row))) {
          throw new Refusal(
            "HG_EXPORT_BUSY",
            `${MOST_UNDER_WAY} exports are under way: wait until one has ended, or delete one`,
          );
        }
        wake();
        return jsonAnswer(202, exportJson(context, row, now), ["Location", `/v1/exports/${row.id}`]);
      },
    },
    {
      method: "GET",
      path: "/v1/exports",
      audience: "account",
      query: Type.Object({ limit: limitField, cursor: cursorField }, { additionalProperties: false }),
      operation: {
        operationId: "listExports",
        summary: "List exports",
        description: "The newest first.",
        tag,
        answers: { 200: { description: "A page of exports.", type: "application/json", schema: exportListSchema } },
      },
      async handle({ query, accountId, now }) {
        const { limit = DEFAULT_LIMIT, cursor } = query as { readonly limit?: number; readonly cursor?: string };
        const list = { name: "exports", accountId };
        const before = cursor === undefined ? undefined : idBefore(seal, list, cursor);
        const rows = await table.list(accountId, now, limit + 1, before);
        const shown = rows.slice(0, limit);
        const last = shown.at(-1);
        return jsonAnswer(200, {
          items: shown.map((row) => exportJson(context, row, now)),
          next_cursor: rows.length > shown.length && last ? cursorAfterId(seal, list, last.id) : null,
        });
      },
    },
    {
      method: "GET",
      path: "/v1/exports/{id}",
      audience: "account",
      operation: {
        operationId: "getExport",
        summary: "Show an export, and how far it has come",
        tag,
        answers: { 200: { description: "The export.", type: "application/json", schema: exportSchema } },
        problems: [404],
      },
      async handle({ params: { id = "" }, accountId, now }) {
        return jsonAnswer(200, exportJson(context, await rowOf(id, now, accountId), now));
      },
    },
    {
      method: "GET",
      path: "/v1/exports/{id}/download",
      audience: "anyone",
      query: Type.Object(
        {
          expires: Type.String({ pattern: "^[0-9]{1,12}$", description: "As in `download_url`." }),
          signature: Type.String({ maxLength: 100, description: "As in `download_url`." }),
        },
        { additionalProperties: false },
      ),
      operation: {
        operationId: "downloadExport",
        summary: "Download an export's file",
        description: "At an export's `download_url`, which is all that it takes.",
        tag,
        answers: {
          200: {
            description: "The file: one event a line, as NDJSON, or as CSV (RFC 4180) with a line of names.",
            type: Object.values(EXPORT_FORMATS).map(({ mediaType }) => mediaType),
            schema: Type.String(),
            headers: { "Content-Disposition": "A name for the file." },
          },
        },
        problems: [404, 410],
      },
      async handle({ params: { id = "" }, query, now }) {
        checkDownload(context, id, query, now);
        return downloadAnswer(context, files, await rowOf(id, now));
      },
    },
    {
      method: "DELETE",
      path: "/v1/exports/{id}",
      audience: "account",
      operation: {
        operationId: "deleteExport",
        summary: "Delete an export and its file",
        description: "One that is under way is broken off.",
        tag,
        answers: { 204: { description: "It is gone." } },
        problems: [404],
      },
      async handle({ params: { id = "" }, accountId, now }) {
        await rowOf(id, now, accountId);
        await table.remove(id);
        await files.remove(id);
        return emptyAnswer(204);
      },
    },
  ];
}

import type { ExportRow } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import { Refusal } from "../problem.ts";

/** How long a link is good. */
const LIFETIME_MS = 3_600_000;

/** A URL that whoever has it gets an export's file from, without a credential, for an hour. */
export function downloadUrl({ seal, policy }: EventsContext, { id, expires_at }: ExportRow, now: number): string {
  const expires = Math.floor(Math.min(now + LIFETIME_MS, expires_at) / 1_000);
  const signature = seal.mark("download", id, expires);
  const base = policy().publicUrl?.href.replace(/\/$/, "") ?? "";
  return `${base}/v1/exports/${id}/download?expires=${expires}&signature=${signature}`;
}

/** Throws `HG_EXPORT_LINK` unless that URL was given out, and is still good. */
export function checkDownload(
  { seal }: EventsContext,
  id: string,
  { expires = "", signature = "" }: { readonly expires?: string; readonly signature?: string },
  now: number,
): void {
  if (!seal.isMark(signature, "download", id, Number(expires))) {
    throw new Refusal("HG_EXPORT_LINK", "the link is not one that was given out: take `download_url` as it is");
  }
  if (now < Number(expires) * 1_000) return;
  throw new Refusal("HG_EXPORT_LINK", "the link has ended: GET the export, and take its new `download_url`");
}

import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../problem.ts";

/** Whether a change is still wanted of a webhook that has come to this version. */
export type Precondition = (version: number) => boolean;

/** The strong entity tag of a webhook: its version in quotes (RFC 9110, section 8.8.3). */
export function etagOf({ version }: { readonly version: number }): string {
  return `"${version}"`;
}

/**
 * What `If-Match` asks of a change (RFC 9110, section 13.1.1). A weak tag never matches: it may stand for something that
 * only looks the same.
 */
export function preconditionOf({ "if-match": ifMatch }: IncomingHttpHeaders): Precondition {
  if (ifMatch === undefined || ifMatch.trim() === "*") return () => true;
  const tags = ifMatch.split(",").map((tag) => tag.trim());
  return (version) => tags.includes(etagOf({ version }));
}

/** Throws `HG_WEBHOOK_VERSION` where a change is not wanted any more. */
export function checkPrecondition(version: number, precondition: Precondition): void {
  if (precondition(version)) return;
  throw new Refusal(
    "HG_WEBHOOK_VERSION",
    `the webhook is at version ${version}, which is none that If-Match names: read it again, and decide anew`,
  );
}

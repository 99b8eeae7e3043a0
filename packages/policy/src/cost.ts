import { mostItems } from "./json-items.ts";
import type { Cost } from "./policy.ts";

/** A request's body, as far as deciding needs it. */
export interface MeasuredBody {
  readonly bytes: number;
  /** The whole body, where a limit counts its items. */
  readonly text?: string | undefined;
}

/** Above any quota there can be: what costs this much is never admitted, and can still be counted. */
const HIGHEST_COST = 2 ** 41;

/**
 * The units that a request asks for, a whole number. What only the response tells counts as 1 until then, and so does
 * what is malformed.
 */
export function costOf(cost: Cost, body: MeasuredBody | undefined): number {
  switch (cost.kind) {
    case "units":
      return cost.units;
    case "bytes":
      return Math.min(body?.bytes ?? 0, HIGHEST_COST);
    case "items":
      return countItems(body?.text, cost.pointer);
    case "response-header":
      return 1;
  }
}

/** The length of the array that a JSON Pointer (RFC 6901) leads to; 1 where it is empty, or leads to anything else. */
function countItems(text: string | undefined, pointer: string): number {
  // Many readers take no notice of a byte order mark; JSON.parse takes none of what comes after it.
  const json = text?.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  if (json === undefined || !isJson(json)) return 1;
  const tokens = pointer.split("/").slice(1);
  const names = tokens.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  return Math.max(1, mostItems(json, names));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const BYTE_ORDER_MARK = "\uFEFF";

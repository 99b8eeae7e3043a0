import type { IncomingHttpHeaders } from "node:http";
import type { EventsRequest } from "../api/request.ts";
import { Refusal } from "../problem.ts";

/** A body that is JSON: what it says, and how it is written. */
export interface JsonBody {
  readonly value: unknown;
  /** Without a byte order mark. */
  readonly text: string;
}

/**
 * Reads a body as JSON in UTF-8 (RFC 8259, section 8.1). Throws `HG_EVENTS_MEDIA_TYPE` and `HG_EVENTS_JSON`. What
 * `JSON.parse` takes without a word, such as a field that is there twice, `outlineOf` tells.
 */
export function readJson({ headers, body }: Pick<EventsRequest, "headers" | "body">): JsonBody {
  requireJson(headers);
  const text = decode(body);
  try {
    return { value: JSON.parse(text), text };
  } catch (error) {
    const reason = body.length === 0 ? "it is empty" : (error as Error).message.replaceAll(/\s+/g, " ").slice(0, 200);
    throw new Refusal("HG_EVENTS_JSON", `the body is not JSON: ${reason.toWellFormed()}`);
  }
}

function requireJson({ "content-type": type, "content-encoding": encoding }: IncomingHttpHeaders): void {
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new Refusal("HG_EVENTS_MEDIA_TYPE", `a body in ${encoding.slice(0, 50)} is not taken: send it uncompressed`);
  }
  if (type === undefined || IS_JSON.test(type)) return;
  throw new Refusal("HG_EVENTS_MEDIA_TYPE", `a body of ${type.slice(0, 100)} is not taken: send application/json`);
}

const IS_JSON = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

function decode(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refusal("HG_EVENTS_JSON", "the body is not UTF-8");
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

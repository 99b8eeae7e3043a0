import { isIP } from "node:net";
import { countedAddress } from "@headgate/policy";
import { type LoggedRequest, NO_HEADERS } from "../logged-request.ts";
import { parseInstant } from "./instant.ts";
import type { LineFormat } from "./line-format.ts";

/**
 * One JSON object a line: `time`, `method` and `path`, and where they are known `ip`, `headers`, `bytes`, `status` and
 * `duration` in ms. `time` is ISO 8601 or epoch ms. Other fields are ignored.
 */
export class NdjsonFormat implements LineFormat {
  readonly #headersWanted: ReadonlySet<string> | undefined;

  /** Keeps all headers where none are named. */
  constructor(headersWanted?: ReadonlySet<string>) {
    this.#headersWanted = headersWanted;
  }

  read(bytes: Buffer, start: number, end: number): LoggedRequest | string {
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString("utf8", start, end));
    } catch {
      return "it is not JSON";
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is not a JSON object";
    return this.#requestOf(value as Readonly<Record<string, unknown>>);
  }

  #requestOf({ time: written, method, path, ip, headers, bytes, status, duration }: Readonly<Record<string, unknown>>) {
    const time = parseInstant(written);
    if (time === undefined) return `"time" is ${written === undefined ? "missing" : "neither ISO 8601 nor epoch ms"}`;
    if (typeof method !== "string" || method === "") return '"method" is missing, or not a text';
    if (typeof path !== "string" || path === "") return '"path" is missing, or not a text';
    if (ip !== undefined && ip !== null && !isAddress(ip)) return '"ip" is not an address';
    if (!isCount(bytes)) return '"bytes" is not a whole number';
    if (!isCount(status)) return '"status" is not a whole number';
    if (duration !== undefined && duration !== null && !(typeof duration === "number" && duration >= 0)) {
      return '"duration" is not a number of ms';
    }
    return {
      time,
      method: method.toUpperCase(),
      target: path,
      headers: this.#headersOf(headers),
      ip: ip ?? undefined,
      bytes: bytes ?? undefined,
      status: status ?? undefined,
      durationMs: duration ?? undefined,
    };
  }

  #headersOf(value: unknown): Readonly<Record<string, string>> {
    if (typeof value !== "object" || value === null) return NO_HEADERS;
    let headers: Record<string, string> | undefined;
    for (const [written, content] of Object.entries(value)) {
      const name = written.toLowerCase();
      if (this.#headersWanted && !this.#headersWanted.has(name)) continue;
      const text = textOf(content);
      if (text === undefined) continue;
      headers ??= Object.create(null) as Record<string, string>;
      headers[name] = text;
    }
    return headers ?? NO_HEADERS;
  }
}

/** What a header says; undefined where that is no text, nor can be one. */
function textOf(content: unknown): string | undefined {
  if (Array.isArray(content)) return content.join(", ");
  return typeof content === "string" || typeof content === "number" ? String(content) : undefined;
}

/** Also with its port or its zone, as a gate reads it. */
function isAddress(value: unknown): value is string {
  return typeof value === "string" && (isIP(value) !== 0 || countedAddress(value, 128) !== undefined);
}

function isCount(value: unknown): value is number | null | undefined {
  return value === undefined || value === null || (Number.isSafeInteger(value) && (value as number) >= 0);
}

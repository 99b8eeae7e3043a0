import type { FastifyInstance } from "fastify";
import { Refusal } from "./refusal.ts";

/** More than any record needs. */
export const MAX_BODY_BYTES: number = 64 * 1024;

/** Takes bodies of `application/json` and no others. An empty body stands for one without fields. */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Reads JSON that means one thing: in UTF-8 (RFC 8259, section 8.1), no field named twice. Throws `HG_ADMIN_JSON`. */
function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    const isEncoding = cause instanceof TypeError;
    throw new Refusal("HG_ADMIN_JSON", isEncoding ? "The body is not UTF-8." : "The body is not JSON.");
  }
  const repeated = repeatedField(text);
  if (repeated === undefined) return value;
  throw new Refusal("HG_ADMIN_JSON", `The body names a field twice: ${JSON.stringify(repeated.slice(0, 100))}.`);
}

/** A field that one object of a JSON text, which must be valid, names twice. `JSON.parse` would silently take the last. */
function repeatedField(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, name, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon !== undefined) {
      const field = JSON.parse(name as string) as string;
      const fields = open.at(-1) as Set<string>;
      if (fields.has(field)) return field;
      fields.add(field);
    }
  }
  return undefined;
}

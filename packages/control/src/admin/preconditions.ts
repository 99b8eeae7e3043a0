import type { FastifyReply, FastifyRequest } from "fastify";
import Type, { type TObject } from "typebox";
import type { Precondition } from "../precondition.ts";
import { Refusal } from "./refusal.ts";

/** What a change takes in its headers. */
export const ifMatch: TObject = Type.Object({
  "if-match": Type.Optional(
    Type.String({ description: "The change is only made where the ETag is one of these still." }),
  ),
});

/** What a look at one record takes in its headers. */
export const ifNoneMatch: TObject = Type.Object({
  "if-none-match": Type.Optional(Type.String({ description: "304 is answered where the ETag is one of these still." })),
});

/** What has a version, and so an entity tag. */
interface Versioned {
  readonly version: number;
}

/** The strong entity tag of a record: its version in quotes (RFC 9110, section 8.8.3). */
export function etagOf({ version }: Versioned): string {
  return `"${version}"`;
}

/**
 * What `If-Match` asks of a change (RFC 9110, section 13.1.1). `current` reads the record as it is. Throws
 * `HG_VERSION_CONFLICT` where it is another version already, and `HG_ADMIN_PRECONDITION` where the header cannot be read.
 */
export async function preconditionOf(
  request: FastifyRequest,
  current: () => Promise<Versioned | undefined>,
): Promise<Precondition> {
  const tags = tagsIn(request.headers["if-match"], "If-Match");
  if (tags === undefined) return {};
  const record = await current();
  if (record && tags === "*") return {};
  // A weak tag never matches here: it may stand for something that only looks the same.
  if (record && tags.includes(etagOf(record))) return { ifVersion: record.version };
  const standing = record ? `is at version ${record.version}` : "does not exist";
  throw new Refusal("HG_VERSION_CONFLICT", `The record ${standing}: read it again, and decide anew.`);
}

/** Sends a record with its entity tag, or 304 where the reader has it already (RFC 9110, section 13.1.2). */
export function sendRecord(
  request: FastifyRequest,
  reply: FastifyReply,
  record: Versioned,
  json: unknown,
): FastifyReply {
  const etag = etagOf(record);
  reply.header("ETag", etag);
  const tags = tagsIn(request.headers["if-none-match"], "If-None-Match");
  const isKnown = tags === "*" || tags?.some((tag) => tag.replace(/^W\//, "") === etag);
  return isKnown ? reply.code(304).send() : reply.send(json);
}

const TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

function tagsIn(header: string | undefined, name: string): "*" | readonly string[] | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "*";
  const tags = header.split(",").map((tag) => tag.trim());
  if (tags.every((tag) => TAG.test(tag))) return tags;
  throw new Refusal("HG_ADMIN_PRECONDITION", `${name} must be * or entity tags such as "3", as ETag gives them.`);
}

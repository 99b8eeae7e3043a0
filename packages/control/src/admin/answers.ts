import { STATUS_CODES } from "node:http";
import Type, { type TNull, type TSchema, type TUnsafe } from "typebox";
import { problemSchema } from "./problem.ts";
import { refTo } from "./schema.ts";

/** What a route's schema says of one answer. */
export interface Answer {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: TSchema }>>;
  readonly headers?: Readonly<Record<string, { readonly type: "string"; readonly description: string }>>;
}

const ETAG = { type: "string", description: "The record's version, for If-Match and If-None-Match." } as const;
const LOCATION = { type: "string", description: "Where the record is from now on." } as const;

/** A record, with its entity tag. */
export function recordAnswer<Record>(description: string, schema: TUnsafe<Record>): Answer {
  return { ...jsonAnswer(description, refTo(schema)), headers: { ETag: ETAG } };
}

/** A new record, with its entity tag and its place. */
export function createdAnswer<Record>(description: string, schema: TUnsafe<Record>): Answer {
  return { ...jsonAnswer(description, refTo(schema)), headers: { ETag: ETAG, Location: LOCATION } };
}

export function jsonAnswer(description: string, schema: TSchema): Answer {
  return { description, content: { "application/json": { schema } } };
}

/** An answer without a body. */
export function emptyAnswer(description: string): TNull {
  return Type.Null({ description });
}

/** What every route may be refused with, beside what is its own. */
const ALWAYS = [400, 401, 429, 500, 503];
/** What routes that take a body may be refused with. */
export const BODY_REFUSALS: readonly number[] = [413, 415, 422];

/** The problems that a route may answer with. */
export function refusals(...statuses: readonly number[]): Record<number, Answer> {
  const schema = refTo(problemSchema);
  const all = [...new Set([...ALWAYS, ...statuses])].toSorted((a, b) => a - b);
  return Object.fromEntries(
    all.map((status) => {
      const description = STATUS_CODES[status] ?? "A problem";
      return [status, { description, content: { "application/problem+json": { schema } } }];
    }),
  );
}

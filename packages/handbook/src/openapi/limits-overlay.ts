import { HeadgateError } from "@headgate/core";
import {
  type ApiDocument,
  type Place,
  type Policy,
  type PolicyLimit,
  parseApiDocument,
  resolved,
} from "@headgate/policy";
import { type Subject, subjectOf } from "../subject.ts";
import { headerObjects, retryAfterObject } from "./header-objects.ts";
import { limitObject, limitsOf } from "./limits-of-operation.ts";
import { isExtension, isMap, type Operation, operationsOf } from "./operations.ts";
import { type Change, changed, type Json, type Overlay, overlayOf } from "./overlay.ts";
import { headerReferences, refusalResponses } from "./refusal-responses.ts";

/** An API's own document with its limits in it, and the same as an overlay. */
export interface LimitedApi {
  readonly document: Json;
  readonly overlay: Overlay;
}

/**
 * Adds to each operation that a limit matches: the refusal, the headers on every answer, and the limits themselves as
 * `x-rate-limits`; and the refusal of what is too large to each that a cap matches. What the document says already stays.
 * A document of version 3.0 stays one. Throws `HG_DOCS_OPENAPI` where the text is no document of 3.0 or 3.1, or not all
 * of it.
 */
export function limitedApi(policy: Policy, text: string): LimitedApi {
  const document = understood(() => withoutAliases(parseApiDocument(text)));
  const changes = changesTo(document, subjectOf(policy));
  return { document: changed(document, changes), overlay: overlayOf(`Rate limits of ${policy.title}`, changes) };
}

/** What is read of a document; what is wrong with that is an `HG_DOCS_OPENAPI`. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new HeadgateError("HG_DOCS_OPENAPI", (error as Error).message, { cause: error });
  }
}

/** A copy in which no two places are the same object, as YAML's aliases make them. */
function withoutAliases(document: ApiDocument): ApiDocument {
  try {
    return JSON.parse(JSON.stringify(document));
  } catch {
    throw new Error("an alias in it is part of what it stands for");
  }
}

function changesTo(document: ApiDocument, subject: Subject): Change[] {
  const operations = understood(() => operationsOf(document));
  const limited = operations.map((operation) => ({ operation, limits: limitsOf(subject, operation) }));
  const changes = limited.flatMap(({ operation, limits }) => changesToOperation(document, subject, operation, limits));
  const isLimited = limited.some(({ limits }) => limits.length > 0);
  return [...(isLimited ? [headerComponents(document, subject)] : []), ...onceEach(changes)];
}

/** The headers that responses refer to. */
function headerComponents({ components }: ApiDocument, { policy }: Subject): Change {
  const known = isMap(components) && isMap(components.headers) ? components.headers : {};
  const retryAfter = retryAfterObject(policy);
  const shown = { ...headerObjects(policy), ...(retryAfter && { "Retry-After": retryAfter }) };
  const headers = Object.fromEntries(Object.entries(shown).filter(([name]) => !(name in known)));
  return { place: [], update: { components: { headers } } };
}

function changesToOperation(
  document: ApiDocument,
  subject: Subject,
  operation: Operation,
  limits: readonly PolicyLimit[],
): Change[] {
  const { place, value } = operation;
  const refusals = refusalResponses(subject, operation, limits);
  const known = isMap(value.responses) ? Object.keys(value.responses).filter((name) => !isExtension(name)) : [];
  const missing = [...refusals].filter(([status]) => !known.includes(status));
  const added = missing.length === 0 ? {} : { responses: Object.fromEntries(missing) };
  // Answers that no limit is about have no headers that speak of one.
  if (limits.length === 0) return missing.length === 0 ? [] : [{ place, update: added }];
  return [
    ...("x-rate-limits" in value ? [{ place: [...place, "x-rate-limits"], remove: true } as const] : []),
    { place, update: { ...added, "x-rate-limits": limits.map(limitObject) } },
    ...known.flatMap((status) => {
      const headers = refusals.get(status)?.headers ?? headerObjects(subject.policy);
      return headersOn(document, [...place, "responses", status], Object.keys(headers));
    }),
  ];
}

/** The headers that a response does not have yet, where it is written. */
function headersOn(document: ApiDocument, place: Place, names: readonly string[]): Change[] {
  const response = understood(() => resolved(document, place));
  const has = isMap(response.value.headers)
    ? Object.keys(response.value.headers).map((name) => name.toLowerCase())
    : [];
  const missing = names.filter((name) => !has.includes(name.toLowerCase()));
  return missing.length === 0 ? [] : [{ place: response.place, update: { headers: headerReferences(missing) } }];
}

/** Responses that several operations refer to are changed once. */
function onceEach(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

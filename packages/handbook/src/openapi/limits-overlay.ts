import { HeadgateError } from "@headgate/core";
import { type ApiDocument, type Policy, type PolicyLimit, parseApiDocument } from "@headgate/policy";
import { type Subject, subjectOf } from "../subject.ts";
import { headerObjects, retryAfterObject } from "./header-objects.ts";
import { limitObject, limitsOf } from "./limits-of-operation.ts";
import { isExtension, isMap, type Operation, operationsOf, resolved } from "./operations.ts";
import { type Change, changed, type Json, type Overlay, overlayOf, type Place } from "./overlay.ts";
import { headerReferences, refusalResponses } from "./refusal-responses.ts";

/** An API's own document with its limits in it, and the same as an overlay. */
export interface LimitedApi {
  readonly document: Json;
  readonly overlay: Overlay;
}

/**
 * Adds to each operation that a limit matches: the refusal, the headers on every answer, and the limits themselves as
 * `x-rate-limits`. What the document says already stays. A document of version 3.0 stays one. Throws `HG_DOCS_OPENAPI`
 * where the text is no document of 3.0 or 3.1, or not all of it.
 */
export function limitedApi(policy: Policy, text: string): LimitedApi {
  const document = parsed(text);
  const changes = changesTo(document, subjectOf(policy));
  return { document: changed(document, changes), overlay: overlayOf(`Rate limits of ${policy.title}`, changes) };
}

function parsed(text: string): ApiDocument {
  try {
    return withoutAliases(parseApiDocument(text));
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
  const shown = headerObjects(subject.policy);
  const retryAfter = retryAfterObject(subject.policy);
  const limited = operationsOf(document).flatMap((operation) => {
    const limits = limitsOf(subject, operation);
    return limits.length === 0 ? [] : changesToOperation(document, subject, operation, limits);
  });
  if (limited.length === 0) return [];
  const { components } = document;
  const known = isMap(components) && isMap(components.headers) ? components.headers : {};
  const headers = Object.fromEntries(
    Object.entries({ ...shown, ...(retryAfter && { "Retry-After": retryAfter }) }).filter(([name]) => !(name in known)),
  );
  return [{ place: [], update: { components: { headers } } }, ...onceEach(limited)];
}

function changesToOperation(
  document: ApiDocument,
  subject: Subject,
  operation: Operation,
  limits: readonly PolicyLimit[],
): Change[] {
  const { place, value } = operation;
  const known = isMap(value.responses) ? Object.keys(value.responses).filter((name) => !isExtension(name)) : [];
  const refusals = refusalResponses(subject, operation, limits);
  const missing = [...refusals].filter(([status]) => !known.includes(status));
  return [
    ...("x-rate-limits" in value ? [{ place: [...place, "x-rate-limits"], remove: true } as const] : []),
    { place, update: { responses: Object.fromEntries(missing), "x-rate-limits": limits.map(limitObject) } },
    ...known.flatMap((status) => {
      const headers = refusals.get(status)?.headers ?? headerObjects(subject.policy);
      return headersOn(document, [...place, "responses", status], Object.keys(headers));
    }),
  ];
}

/** The headers that a response does not have yet, where it is written. */
function headersOn(document: ApiDocument, place: Place, names: readonly string[]): Change[] {
  const response = resolved(document, place);
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

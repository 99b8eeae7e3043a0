import { type PolicyLimit, renderRefusal } from "@headgate/policy";
import { type Subject, statusOf } from "../subject.ts";
import { allowance } from "../words/allowance.ts";
import { counterLabel } from "../words/caller.ts";
import { enumeration, size } from "../words/quantity.ts";
import { headerObjects, retryAfterObject } from "./header-objects.ts";
import { capOf } from "./limits-of-operation.ts";
import type { Operation } from "./operations.ts";
import type { Json } from "./overlay.ts";
import { contentOf } from "./refusal-content.ts";

/** A Response Object of a refusal. */
export interface RefusalResponse extends Json {
  readonly headers: Json;
}

/** The refusals that an operation can be answered with, by status. */
export function refusalResponses(
  subject: Subject,
  operation: Operation,
  limits: readonly PolicyLimit[],
): ReadonlyMap<string, RefusalResponse> {
  return new Map([...overLimits(subject, limits), ...tooLarge(subject, operation)]);
}

/** Headers as references to the components of their names. */
export function headerReferences(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function overLimits(subject: Subject, limits: readonly PolicyLimit[]): [status: string, response: RefusalResponse][] {
  const { policy } = subject;
  const retryAfter = retryAfterObject(policy) === undefined ? [] : ["Retry-After"];
  const headers = headerReferences([...Object.keys(headerObjects(policy)), ...retryAfter]);
  const byStatus = Map.groupBy(limits, (limit) => String(statusOf(limit, policy)));
  return [...byStatus].map(([status, group]) => {
    const allowances = group.map((limit) => `${allowance(limit, limit.limit)} ${whose(limit)}`);
    const refusal = group.map((limit) => subject.stage.refusalBy(limit)).find((found) => found !== undefined);
    const response = {
      description: `Over a limit: ${enumeration(allowances, "or")}.`,
      headers,
      ...(refusal && { content: contentOf(refusal) }),
    };
    return [status, response];
  });
}

function whose({ per }: PolicyLimit): string {
  if (per.length === 0) return "for all callers together";
  return `per ${enumeration(per.map(counterLabel)).replaceAll("`", "")}`;
}

function tooLarge(subject: Subject, operation: Operation): [status: string, response: RefusalResponse][] {
  const cap = capOf(subject, operation);
  if (!cap) return [];
  const refusal = renderRefusal(subject.policy, "too-large", { cap });
  const status = String(refusal.status);
  const headers = headerReferences(Object.keys(headerObjects(subject.policy)));
  return [[status, { description: `A body over ${size(cap.maxBytes)}.`, headers, content: contentOf(refusal) }]];
}

import { type Policy, type PolicyLimit, renderRefusal } from "@headgate/policy";
import { type Subject, statusOf } from "../subject.ts";
import { allowance, mostAtOnce } from "../words/allowance.ts";
import { counterLabel } from "../words/caller.ts";
import { callersWhere } from "../words/condition.ts";
import { capitalised, enumeration, size } from "../words/quantity.ts";
import { headerObjects, retryAfterObject } from "./header-objects.ts";
import { capOf } from "./limits-of-operation.ts";
import type { Operation } from "./operations.ts";
import type { Json } from "./overlay.ts";
import { contentOf } from "./refusal-content.ts";

/** A Response Object of a refusal. */
export interface RefusalResponse extends Json {
  /** Missing where no limit is matched that they would speak of. */
  readonly headers?: Json;
}

/** The refusals that an operation can be answered with, by status. */
export function refusalResponses(
  subject: Subject,
  operation: Operation,
  limits: readonly PolicyLimit[],
): ReadonlyMap<string, RefusalResponse> {
  return new Map([...overLimits(subject, limits), ...tooLarge(subject, operation, limits)]);
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
    const allowances = group.map((limit) => `${allowance(limit, limit.limit)} ${whose(limit, policy)}`);
    const refusal = group.map((limit) => subject.stage.refusalBy(limit)).find((found) => found !== undefined);
    const response = {
      description: `Over a limit: ${enumeration(allowances, "or")}.`,
      headers,
      ...(refusal && { content: contentOf(refusal) }),
    };
    return [status, response];
  });
}

/** Whose requests are counted together, and which do: `per API key`, `per IP address without a valid API key`. */
function whose({ per, matchSection }: PolicyLimit, policy: Policy): string {
  const counted = per.length === 0 ? "for all callers together" : `per ${enumeration(per.map(counterLabel))}`;
  return `${counted} ${callersWhere(matchSection, policy)}`.trimEnd().replaceAll("`", "");
}

/** The refusals of a body over a cap, and of one that asks for more than a limit ever allows; most often of one status. */
function tooLarge(
  subject: Subject,
  operation: Operation,
  limits: readonly PolicyLimit[],
): [status: string, response: RefusalResponse][] {
  if (operation.value.requestBody === undefined) return [];
  const { policy, stage } = subject;
  const headers = limits.length > 0 && { headers: headerReferences(Object.keys(headerObjects(policy))) };
  const cap = capOf(subject, operation);
  const refusals = [
    ...(cap
      ? [{ reason: `a body over ${size(cap.maxBytes)}`, refusal: renderRefusal(policy, "too-large", { cap }) }]
      : []),
    ...limits.flatMap((limit) => {
      const refusal = stage.refusalOfCost(limit);
      return refusal ? [{ reason: `more than ${mostAtOnce(limit)} at once`, refusal }] : [];
    }),
  ];
  return [...Map.groupBy(refusals, ({ refusal }) => String(refusal.status))].map(([status, group]) => {
    const [{ refusal }] = group as [(typeof group)[number]];
    const reasons = group.map(({ reason }) => reason);
    return [
      status,
      { description: `${capitalised(enumeration(reasons, "or"))}.`, ...headers, content: contentOf(refusal) },
    ];
  });
}

import {
  type Decision,
  type HeaderPair,
  type Limit,
  renderReset,
  retryAfterSeconds,
  type Verdict,
} from "@headgate/core";
import type { BodyCap, Policy, PolicyLimit, ResponseTemplate } from "./policy.ts";
import {
  type ProblemDetails,
  quotaExceeded,
  reducedCapacity,
  suspended,
  tooCostly,
  tooLarge,
  unauthenticated,
} from "./problem-details.ts";
import { bodyRenderer, type PlaceholderValues } from "./template.ts";

export type RefusalKind = "limited" | "too-large" | "unauthenticated" | "suspended";

/**
 * What there is to say of a refusal: the decision and when it was taken, the cap that a body is over, or how long a
 * suspension lasts (undefined: until lifted).
 */
export type RefusalDetails =
  | { readonly decision: Decision; readonly now: number }
  | { readonly cap: BodyCap | undefined }
  | { readonly suspendedForSeconds: number | undefined }
  | Readonly<Record<string, never>>;

/** A response, ready to send. The rate-limit headers are not among its headers. */
export interface Refusal {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: string;
}

/** A store that is back is found out in about this time. */
const STORE_RETRY_SECONDS = 2;

/** A refusal before it is rendered. */
interface Draft {
  readonly template: ResponseTemplate | undefined;
  readonly status: number;
  readonly values: PlaceholderValues;
  /** The default body. */
  readonly problem: (status: number) => ProblemDetails;
  readonly headers: readonly HeaderPair[];
}

/**
 * Renders a refusal as the policy writes it, or as a problem (RFC 9457). A limit's own `response` comes before
 * `responses.limited`, a cap's before `responses.too-large`. What no waiting can make pass is too large, not limited;
 * what limits refuse that could not be asked is a 503.
 */
export function renderRefusal(policy: Policy, kind: RefusalKind, details: RefusalDetails = {}): Refusal {
  const { template, status: usual, values, problem, headers } = draftOf(policy, kind, details);
  const status = template?.status ?? usual;
  const type = (standard: string): HeaderPair => ["Content-Type", template?.contentType ?? standard];

  if (template?.body === undefined) {
    const body = JSON.stringify(problem(status));
    return { status, headers: [type("application/problem+json"), ...headers], body };
  }
  const isText = typeof template.body === "string";
  const body = bodyRenderer(template)(values);
  return { status, headers: [type(isText ? "text/plain; charset=utf-8" : "application/json"), ...headers], body };
}

function draftOf(policy: Policy, kind: RefusalKind, details: RefusalDetails): Draft {
  const { responses } = policy;
  if (kind === "unauthenticated") {
    // A 401 must say how to do better (RFC 9110, section 15.5.2).
    const headers: HeaderPair[] = [["WWW-Authenticate", "Bearer"]];
    return { template: responses.unauthenticated, status: 401, values: {}, problem: unauthenticated, headers };
  }
  if (kind === "suspended") {
    const seconds = "suspendedForSeconds" in details ? details.suspendedForSeconds : undefined;
    const headers: HeaderPair[] = seconds === undefined ? [] : [["Retry-After", String(seconds)]];
    const values = seconds === undefined ? {} : { retry_after: seconds };
    return { template: responses.suspended, status: 403, values, problem: suspended, headers };
  }
  if ("decision" in details) return draftOfDecision(policy, details.decision as Decision, details.now as number);
  const cap = "cap" in details ? details.cap : undefined;
  const values = { limit: cap?.name, quota: cap?.maxBytes };
  const template = cap?.response ?? responses.tooLarge;
  return { template, status: 413, values, problem: (status) => tooLarge(status, cap), headers: [] };
}

function draftOfDecision(policy: Policy, decision: Decision, now: number): Draft {
  if (decision.refusedUnasked) return draftOfReducedCapacity(decision.refusedUnasked);
  const { responses } = policy;
  const binding = decision.binding as Verdict;
  const owner = policyLimitOf(policy, binding);
  const window = owner?.windowText ?? "";
  const values = valuesOf(policy, binding, window, now);
  if (binding.retryAfterMs === Number.POSITIVE_INFINITY) {
    const problem = (status: number) => tooCostly(status, binding);
    return { template: responses.tooLarge, status: 413, values, problem, headers: [] };
  }

  const wait = retryAfterSeconds(decision);
  const { retryAfter } = responses;
  const sent = retryAfter === "never" ? undefined : retryAfter === "limited" ? wait : retryAfter.constantSeconds;
  const violated = decision.verdicts.filter(({ admitted, limit }) => !admitted && !limit.isShadow);
  return {
    template: owner?.response ?? responses.limited,
    status: 429,
    values: { ...values, retry_after: sent ?? wait },
    problem: (status) =>
      quotaExceeded(
        status,
        binding,
        window,
        violated.map(({ limit }) => limit.name),
      ),
    headers: sent === undefined ? [] : [["Retry-After", String(sent)]],
  };
}

/** It is not the caller's doing: what the policy writes of limits does not fit. */
function draftOfReducedCapacity(limits: readonly Limit[]): Draft {
  const names = limits.map(({ name }) => name);
  const headers: HeaderPair[] = [["Retry-After", String(STORE_RETRY_SECONDS)]];
  const problem = (status: number) => reducedCapacity(status, names);
  return { template: undefined, status: 503, values: {}, problem, headers };
}

function valuesOf(
  policy: Policy,
  { limit, remaining, resetMs }: Verdict,
  window: string,
  now: number,
): PlaceholderValues {
  const { reset } = policy.responses.headers;
  const format = reset === "none" ? "epoch-seconds" : reset;
  const rendered = renderReset(now + resetMs, format, now);
  return {
    limit: limit.name,
    quota: limit.quota,
    window,
    remaining,
    reset: format === "iso-8601" ? rendered : Number(rendered),
  };
}

/** The policy's part of a limit, whichever plan or override it is the limit of: its counters are its own. */
function policyLimitOf(policy: Policy, { limit }: Verdict): PolicyLimit | undefined {
  const [low, high] = limit.counterId;
  return policy.limits.find(({ limit: { counterId } }) => counterId[0] === low && counterId[1] === high);
}

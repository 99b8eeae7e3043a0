import type { Limit, Verdict } from "@headgate/core";
import type { BodyCap } from "./policy.ts";

/** A refusal in its default form (RFC 9457). */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly "violated-policies"?: readonly string[];
}

/** The problem type of draft-ietf-httpapi-ratelimit-headers-11 for a quota that is used up. */
const QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/** The same draft's, for a server that is for the moment not able to do what it could. */
const REDUCED_CAPACITY = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

export function reducedCapacity(status: number, violated: readonly string[]): ProblemDetails {
  const detail = "Requests like this cannot be counted at the moment. Try again in a few seconds.";
  return {
    type: REDUCED_CAPACITY,
    title: "Temporarily reduced capacity",
    status,
    detail,
    "violated-policies": violated,
  };
}

export function quotaExceeded(status: number, binding: Verdict, window: string, violated: string[]): ProblemDetails {
  const seconds = Math.max(1, Math.ceil(binding.retryAfterMs / 1000));
  const detail = `Limit "${binding.limit.name}" allows ${allowance(binding.limit, window)}. Try again in ${secondsInWords(seconds)}.`;
  return { type: QUOTA_EXCEEDED, title: "Quota exceeded", status, detail, "violated-policies": violated };
}

export function tooCostly(status: number, { limit }: Verdict): ProblemDetails {
  const most = quantity(limit.capacity, limit);
  const detail = `This request asks for more than the ${most} that limit "${limit.name}" can ever allow at once.`;
  return { type: "about:blank", title: "Content Too Large", status, detail };
}

export function tooLarge(status: number, cap: BodyCap | undefined): ProblemDetails {
  const problem = { type: "about:blank", title: "Content Too Large", status };
  return cap ? { ...problem, detail: `The body is larger than ${cap.maxBytes} bytes ("${cap.name}").` } : problem;
}

export function unauthenticated(status: number): ProblemDetails {
  return { type: "about:blank", title: "Unauthorized", status, detail: "This request needs a valid credential." };
}

export function suspended(status: number): ProblemDetails {
  return { type: "about:blank", title: "Forbidden", status, detail: "This caller is suspended." };
}

const UNITS = { requests: "requests", "content-bytes": "bytes", "concurrent-requests": "requests" };

function allowance(limit: Limit, window: string): string {
  return `${quantity(limit.quota, limit)} ${limit.algorithm === "concurrency" ? "at once" : `per ${window}`}`;
}

function quantity(count: number, { unit }: Limit): string {
  return `${count} ${count === 1 ? UNITS[unit].slice(0, -1) : UNITS[unit]}`;
}

function secondsInWords(seconds: number): string {
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}

import { HeadgateError } from "@headgate/core";
import type { CLIENT_ERRORS } from "../errors.ts";
import type { Problem } from "./events-api.ts";

/** What is said of answers that bring no code of the API's own. */
const UNKNOWN = "HG_EVENTS_ANSWER" satisfies keyof typeof CLIENT_ERRORS;

/** So much of an answer goes into the error. */
const LONGEST_QUOTE = 200;

/** A request that the events API did not carry out. Its `code` is the API's own, where the answer has one. */
export class EventsApiError extends HeadgateError {
  readonly status: number;
  /** The problem in full, with the `errors` that point at fields; undefined where the answer was none. */
  readonly problem: Problem | undefined;

  constructor(status: number, message: string, problem?: Problem) {
    super(isCode(problem?.code) ? problem.code : UNKNOWN, message);
    this.status = status;
    this.problem = problem;
  }
}

/** The error that a refusal stands for; `body` is what it holds, parsed. */
export function toEventsApiError({ status }: Response, body: unknown): EventsApiError {
  const problem = isProblem(body) ? body : undefined;
  return new EventsApiError(status, problem?.detail ?? `the events API answered ${status}`, problem);
}

/** What an answer that was no refusal says. Throws `EventsApiError` where it is no JSON, as what stands before an API may send. */
export function jsonIn(text: string, { status }: Response): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EventsApiError(status, `the events API answered ${status} and no JSON: ${quoted(text)}`);
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

function isProblem(body: unknown): body is Problem {
  return typeof (body as Partial<Problem> | null)?.detail === "string";
}

function isCode(code: unknown): code is `HG_${string}` {
  return typeof code === "string" && /^HG_[A-Z_]+$/.test(code);
}

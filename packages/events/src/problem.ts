import { STATUS_CODES } from "node:http";
import { HeadgateError } from "@headgate/core";
import type { StorageErrorCode } from "@headgate/storage";
import type { EventsAnswer } from "./api/answer.ts";
import { EVENTS_ERRORS, type EventsErrorCode } from "./errors.ts";

/** One thing that is wrong with a request: where, and what. */
export interface Fault {
  /** Where in the body: a JSON pointer as a URI fragment (RFC 6901, section 6), as RFC 9457 writes it. */
  readonly pointer?: string;
  /** Which parameter of the query or the path. */
  readonly parameter?: string;
  readonly detail: string;
}

/** A request that is not carried out: thrown anywhere on its way, answered as a problem (RFC 9457). */
export class Refusal extends HeadgateError {
  readonly faults: readonly Fault[];
  /** Names and values, in turn. */
  readonly headers: readonly string[];

  constructor(
    code: EventsErrorCode,
    detail: string,
    { faults = [], headers = [] }: { readonly faults?: readonly Fault[]; readonly headers?: readonly string[] } = {},
  ) {
    super(code, detail);
    this.faults = faults;
    this.headers = headers;
  }
}

const STATUSES: Readonly<Record<EventsErrorCode, number> & Partial<Record<StorageErrorCode, number>>> = {
  HG_EVENTS_JSON: 400,
  HG_EVENTS_QUERY: 400,
  HG_EVENTS_CURSOR: 400,
  HG_EVENTS_IDEMPOTENCY_KEY: 400,
  HG_EVENTS_CREDENTIAL: 403,
  HG_EXPORT_LINK: 403,
  HG_EVENTS_PATH: 404,
  HG_EVENT_UNKNOWN: 404,
  HG_WEBHOOK_UNKNOWN: 404,
  HG_DELIVERY_UNKNOWN: 404,
  HG_EXPORT_UNKNOWN: 404,
  HG_EVENTS_METHOD: 405,
  HG_STREAMS_TOO_MANY: 409,
  HG_EXPORT_BUSY: 409,
  HG_EXPORT_GONE: 410,
  HG_EVENTS_MEDIA_TYPE: 415,
  HG_EVENT_INVALID: 422,
  HG_EVENTS_BATCH: 422,
  HG_EVENTS_IDEMPOTENCY_REUSE: 422,
  HG_EVENTS_BODY: 422,
  HG_WEBHOOK_URL: 422,
  HG_WEBHOOK_TOO_MANY: 409,
  HG_WEBHOOK_VERSION: 412,
  HG_EVENTS_FAILED: 500,
  HG_STORAGE_UNREACHABLE: 503,
  HG_STORAGE_BUSY: 503,
};

/** The status that stands for a code of this API's. */
export function statusOf(code: EventsErrorCode): number {
  return STATUSES[code];
}

/** When to ask again for what a database that is away or busy could not do. */
const RETRY_AFTER_SECONDS = "1";

/** The answer to an error. The words of a failure stay in the log: they may say too much. */
export function problemAnswer(error: unknown): EventsAnswer {
  const known = error instanceof HeadgateError && Object.hasOwn(STATUSES, error.code) ? error : undefined;
  const code = (known?.code ?? "HG_EVENTS_FAILED") as keyof typeof STATUSES;
  const status = STATUSES[code] ?? 500;
  const { faults = [], headers = [] } = known instanceof Refusal ? known : {};
  const body = JSON.stringify({
    type: "about:blank",
    title: STATUS_CODES[status],
    status,
    detail: known ? sentence(known.message) : sentence(EVENTS_ERRORS.HG_EVENTS_FAILED),
    code,
    ...(faults.length > 0 && { errors: faults }),
  });
  const all = ["Content-Type", "application/problem+json", ...headers];
  if (status === 503) all.push("Retry-After", RETRY_AFTER_SECONDS);
  return { status, headers: all, body };
}

/** Whether an error is a failure of ours, and not a refusal. */
export function isFailure(error: unknown): boolean {
  return !(error instanceof HeadgateError && Object.hasOwn(STATUSES, error.code)) || error.code === "HG_EVENTS_FAILED";
}

/** An error's words as people read them. */
export function sentence(text: string): string {
  return `${text.replace(/\.$/, "")}.`.replace(/^./, (first) => first.toUpperCase());
}

import { HeadgateError } from "@headgate/core";
import type { AdminErrorCode } from "./errors.ts";

/** One thing that is wrong with a request: where, and what. */
export interface Fault {
  /** Where in the body: a JSON pointer as a URI fragment (RFC 6901, section 6), as RFC 9457 writes it. */
  readonly pointer?: string;
  /** Which parameter of the query or the path. */
  readonly parameter?: string;
  readonly detail: string;
}

export interface RefusalDetails {
  /** Other than what the code stands for, such as 422 for an unknown account that the body names. */
  readonly status?: number;
  readonly faults?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused: thrown anywhere on its way, answered as a problem. */
export class Refusal extends HeadgateError {
  readonly details: RefusalDetails;

  constructor(code: AdminErrorCode | `HG_${string}`, message: string, details: RefusalDetails = {}) {
    super(code, message);
    this.details = details;
  }
}

/** A body whose value at this field cannot be taken. */
export function bodyFault(field: string, detail: string, code: `HG_${string}` = "HG_ADMIN_BODY"): Refusal {
  return new Refusal(code, `\`${field}\` ${detail}.`, { status: 422, faults: [{ pointer: `#/${field}`, detail }] });
}

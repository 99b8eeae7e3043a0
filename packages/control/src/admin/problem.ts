import { STATUS_CODES } from "node:http";
import { HeadgateError } from "@headgate/core";
import type { FastifyError } from "fastify";
import Type, { type TUnsafe } from "typebox";
import { ADMIN_ERRORS, type AdminErrorCode } from "./errors.ts";
import { type Fault, Refusal } from "./refusal.ts";
import { recordSchema } from "./schema.ts";
import { statusOf } from "./statuses.ts";
import { faultsOf } from "./validation.ts";

/** Why a request was not carried out (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Stable: what programs should look at. */
  readonly code: string;
  /** Where the request is at fault, if that can be told. */
  readonly errors?: readonly Fault[];
}

const fault = Type.Object(
  {
    pointer: Type.Optional(Type.String({ description: "Where in the body, as RFC 9457 writes it: `#/name`." })),
    parameter: Type.Optional(Type.String({ description: "Which parameter of the query or the path." })),
    detail: Type.String(),
  },
  { additionalProperties: false },
);

export const problemSchema: TUnsafe<Problem> = recordSchema<Problem>(
  "Problem",
  {
    type: Type.String({ description: "`about:blank`: the status says what kind of problem it is." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What happened, and what to do about it." }),
    code: Type.String({ description: "A stable code, listed in the reference of errors." }),
    errors: Type.Optional(Type.Array(fault)),
  },
  {
    description: "Why a request was not carried out (RFC 9457).",
    examples: [
      {
        type: "about:blank",
        title: "Unprocessable Entity",
        status: 422,
        detail: "The body's fields are not those that this takes: #/nmae is not a field of this.",
        code: "HG_ADMIN_BODY",
        errors: [{ pointer: "#/nmae", detail: "is not a field of this" }],
      },
    ],
  },
);

/** How long to wait for a database that is away or busy. */
const RETRY_SECONDS = "1";

/** The answer to an error, and the headers it needs. A failure's own words stay in the log: they may say too much. */
export function problemOf(error: unknown): { problem: Problem; headers: Readonly<Record<string, string>> } {
  const refusal = asRefusal(error);
  const status = refusal.details.status ?? statusOf(refusal.code) ?? 500;
  const { faults, headers = {} } = refusal.details;
  const problem = {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: refusal.message,
    code: refusal.code,
    ...(faults && { errors: faults }),
  };
  return { problem, headers: status === 503 ? { "Retry-After": RETRY_SECONDS, ...headers } : headers };
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HeadgateError && statusOf(error.code) !== undefined) {
    return new Refusal(error.code as `HG_${string}`, error.message);
  }
  const { statusCode, validation, validationContext } = error as Partial<FastifyError>;
  if (validation) {
    const code = validationContext === "body" ? "HG_ADMIN_BODY" : "HG_ADMIN_QUERY";
    const faults = faultsOf(validation, code === "HG_ADMIN_BODY");
    return new Refusal(code, sentence(code, faults), { faults });
  }
  const code = BY_STATUS[statusCode ?? 500] ?? (statusCode !== undefined && statusCode < 500 ? 400 : 500);
  if (typeof code === "string") return new Refusal(code, sentence(code));
  return code === 400
    ? new Refusal("HG_ADMIN_REQUEST", sentence("HG_ADMIN_REQUEST"))
    : new Refusal("HG_ADMIN_FAILED", sentence("HG_ADMIN_FAILED"));
}

/** What Fastify refuses before any of our own code runs. */
const BY_STATUS: Readonly<Record<number, AdminErrorCode>> = { 413: "HG_ADMIN_TOO_LARGE", 415: "HG_ADMIN_MEDIA_TYPE" };

function sentence(code: AdminErrorCode, faults: readonly Fault[] = []): string {
  const details = faults.map(({ pointer, parameter, detail }) => `${parameter ?? pointer} ${detail}`);
  return [ADMIN_ERRORS[code].replace(/^./, (first) => first.toUpperCase()), details.join("; ")]
    .filter((part) => part !== "")
    .join(": ")
    .concat(".");
}

import * as z from "zod";
import type { StatusTest } from "./policy.ts";
import { listOf, oneOrMore } from "./text-format.ts";

const CLASS = /^[1-5]xx$/;
const HINT = "a number from 100 to 599, or a class such as 4xx";

/** A response status, or a class of them: 304, "5xx". */
type StatusPattern = number | string;

const statusPattern: z.ZodType<StatusPattern> = z
  .union([z.number(), z.string()], { error: HINT })
  .superRefine((status, context) => {
    const isKnown = typeof status === "number" ? isStatus(status, 100) : CLASS.test(status);
    if (isKnown) return;
    const params = { code: "HG_POLICY_STATUS", message: `${status} is not a status` };
    context.addIssue({ code: "custom", message: HINT, params });
  })
  .meta({
    anyOf: [
      { type: "integer", minimum: 100, maximum: 599 },
      { type: "string", pattern: CLASS.source },
    ],
  });

/** What the upstream answers: one or more statuses. */
export interface StatusesSection {
  readonly status: StatusPattern | StatusPattern[];
}

export function statusesSchema(description: string): z.ZodType<StatusesSection> {
  return z
    .strictObject({
      status: oneOrMore(statusPattern, HINT).describe("Statuses: 304, or a class such as 5xx; any of them."),
    })
    .describe(description);
}

/** The status of a refusal. */
export const refusalStatusSchema: z.ZodType<number> = z
  .number({ error: "a number from 400 to 599" })
  .superRefine((status, context) => {
    if (isStatus(status, 400)) return;
    const params = { code: "HG_POLICY_STATUS", message: `${status} is not a status to answer with` };
    context.addIssue({ code: "custom", message: "a number from 400 to 599", params });
  })
  .meta({ description: "The response's status.", type: "integer", minimum: 400, maximum: 599 });

/** Compiles a list of statuses; undefined stays undefined. */
export function compileStatuses(section: StatusesSection | undefined): StatusTest | undefined {
  if (section === undefined) return undefined;
  const statuses = new Set<number>();
  for (const pattern of listOf(section.status)) {
    if (typeof pattern === "number") statuses.add(pattern);
    else for (let i = 0; i < 100; i++) statuses.add(Number(pattern[0]) * 100 + i);
  }
  return (status) => statuses.has(status);
}

function isStatus(status: number, lowest: number): boolean {
  return Number.isInteger(status) && status >= lowest && status <= 599;
}

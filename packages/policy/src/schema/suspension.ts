import * as z from "zod";
import { durationSchema } from "../duration.ts";
import { textFormat } from "../text-format.ts";

/** Repeated denials end in a suspension. */
export interface SuspensionSection {
  readonly per: "account" | "api-key" | "token" | "ip";
  readonly after: string;
  readonly within: string;
  readonly for: string;
}

const DENIALS = /^([1-9]\d{0,8}) denials?$/;

const denialsSchema = textFormat({
  code: "HG_POLICY_VALUE",
  description: "How many denials: 100 denials.",
  hint: "a number of denials, such as 100 denials",
  pattern: DENIALS.source,
  fault: (text) => (DENIALS.test(text) ? undefined : `"${text}" is not a number of denials`),
});

/** Reads `100 denials`, which must fit. */
export function parseDenials(text: string): number {
  return Number(DENIALS.exec(text)?.[1]);
}

export const suspensionSchema: z.ZodType<SuspensionSection> = z.strictObject({
  per: z.enum(["account", "api-key", "token", "ip"]).describe("The caller that is suspended."),
  after: denialsSchema,
  within: durationSchema.describe("The time in which the denials are counted, from the first of them on."),
  for: z
    .union([z.literal("until-lifted"), durationSchema], { error: "a duration such as 1h, or until-lifted" })
    .describe("How long: a duration, or until-lifted."),
});

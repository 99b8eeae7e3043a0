import { isTimezone } from "@headgate/core";
import type * as z from "zod";
import { textFormat } from "./text-format.ts";

export const timezoneSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_TIMEZONE",
  description: "Where a calendar day or month begins: an IANA name such as Europe/Berlin. Default UTC.",
  hint: "an IANA name such as Europe/Berlin or UTC",
  fault: (text) => (isTimezone(text) ? undefined : `"${text}" is not a time zone`),
});

import type * as z from "zod";
import { textFormat } from "./text-format.ts";

/** Callers, endpoints: what a policy defines and refers to. */
const SLUG = /^[a-z][a-z0-9-]{0,63}$/;
const LIMIT_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
/** A token (RFC 9110, section 5.6.2): header names, methods, cookie names. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

export function isSlug(text: string): boolean {
  return SLUG.test(text);
}

export const limitNameSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_NAME",
  description: "The limit's name, as headers and refusals show it.",
  hint: "letters, digits, _ . and -, beginning with a letter or digit; at most 64",
  pattern: LIMIT_NAME.source,
  fault: (text) => (LIMIT_NAME.test(text) ? undefined : `"${text}" cannot be a limit's name`),
});

/** A header's, cookie's or method's name. */
export function tokenSchema(what: string, description: string): z.ZodType<string> {
  return textFormat({
    code: "HG_POLICY_NAME",
    description,
    hint: `${what}: letters, digits and - without spaces`,
    pattern: TOKEN.source,
    fault: (text) => (TOKEN.test(text) ? undefined : `"${text}" cannot be ${what}`),
  });
}

/** A name that may hold anything: a query parameter's, a claim's, a plan's. */
export function freeNameSchema(what: string, description: string): z.ZodType<string> {
  return textFormat({
    code: "HG_POLICY_NAME",
    description,
    hint: `${what}, 1 to 128 characters`,
    fault: (text) => (text.length >= 1 && text.length <= 128 ? undefined : `"${text}" cannot be ${what}`),
  });
}

import * as z from "zod";
import type { PolicyErrorCode } from "./errors.ts";

/** A string in a format of its own: a duration, a size, a pattern of paths. */
export interface TextFormat {
  /** The code of a string that does not fit. */
  readonly code: PolicyErrorCode;
  readonly description: string;
  /** How it is written. */
  readonly hint: string;
  /** How a value that is nearly right would be written, where that can be told. */
  readonly hintFor?: (value: unknown) => string | undefined;
  /** For editors, as far as a regular expression can say it. */
  readonly pattern?: string;
  /** What is wrong with a string, or undefined if nothing is. */
  readonly fault: (text: string) => string | undefined;
}

/** A schema for strings of a format. Its issues carry the hint as message, and code and message as params. */
export function textFormat({ code, description, hint, hintFor, pattern, fault }: TextFormat): z.ZodType<string> {
  const hintOf = (value: unknown): string => hintFor?.(value) ?? hint;
  return z
    .string({ error: ({ input }) => hintOf(input) })
    .superRefine((text, context) => {
      const message = fault(text);
      if (message !== undefined) context.addIssue({ code: "custom", message: hintOf(text), params: { code, message } });
    })
    .meta({ description, ...(pattern === undefined ? {} : { pattern }) });
}

/** One value, or a list of at least one. */
export function oneOrMore<T>(schema: z.ZodType<T>, hint: string): z.ZodType<T | T[]> {
  const list = z.array(schema).min(1, { error: "list at least one, or leave the field out" });
  return z.union([schema, list], { error: `${hint}, or a list` });
}

/** What {@link oneOrMore} read, as a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

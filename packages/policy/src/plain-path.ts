import type * as z from "zod";
import { textFormat } from "./text-format.ts";

/** As requests come when their paths are normalised: without empty segments and dots. Others would never be met. */
const PATH = /^(?=.{2,200}$)(?:\/(?!\.\.?(?:\/|$))[\w.~-]+)+\/?$/;

/** A path that the gate answers at itself. */
export function plainPathSchema(description: string, example: string): z.ZodType<string> {
  return textFormat({
    code: "HG_POLICY_URL",
    description,
    hint: `a path without wildcards, empty segments and dots, such as ${example}`,
    pattern: PATH.source,
    fault: (text) => (PATH.test(text) ? undefined : `"${text}" is not a path`),
  });
}

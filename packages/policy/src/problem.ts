import { printable } from "@headgate/core";
import type { PolicyErrorCode } from "./errors.ts";

/** Where something is in the file's tree: `["limits", 0, "window"]`. */
export type Path = readonly (string | number)[];

/** Something wrong, by its place in the file's tree. */
export interface Finding {
  readonly code: PolicyErrorCode;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  readonly path: Path;
  /** Whether the field itself is at fault, and not its value. */
  readonly isAboutKey?: boolean;
}

/** Something wrong, by its place in the file's text. Lines and columns count from 1. */
export interface Problem {
  /** A fault keeps the policy from being used; a lint does not. */
  readonly severity: "fault" | "lint";
  readonly code: PolicyErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly line: number;
  readonly column: number;
  /** As people write it: `limits[0].window`. */
  readonly path: string;
}

/** Of one code; after so many, the file is most likely something else altogether. */
const MOST_SHOWN = 20;

/**
 * Problems as people and editors read them: `file:line:column CODE message` each, with the hint indented below, unless it
 * is that of the one above. Of a code that is there more than twenty times, the rest is counted at the end.
 */
export function formatProblems(file: string, problems: readonly Problem[]): string {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  let hintAbove: string | undefined;
  for (const { line, column, code, message, hint } of problems) {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (count > MOST_SHOWN) continue;
    lines.push(`${file}:${line}:${column} ${code} ${printable(message)}\n`);
    if (hint !== hintAbove) lines.push(`  hint: ${printable(hint)}\n`);
    hintAbove = hint;
  }
  for (const [code, count] of counts) {
    if (count > MOST_SHOWN) lines.push(`${file}: and ${count - MOST_SHOWN} more of ${code}\n`);
  }
  return lines.join("");
}

/** `limits[0].window`; "" for the whole file. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === "number") return `${text}[${segment}]`;
    return text === "" ? segment : `${text}.${segment}`;
  }, "");
}

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

/** Two lines: `file:line:column CODE message`, and the hint indented below it. */
export function formatProblem(file: string, problem: Problem): string {
  const { line, column, code, message, hint } = problem;
  return `${file}:${line}:${column} ${code} ${message}\n  hint: ${hint}`;
}

/** `limits[0].window`; "" for the whole file. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === "number") return `${text}[${segment}]`;
    return text === "" ? segment : `${text}.${segment}`;
  }, "");
}

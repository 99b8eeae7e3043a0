import type * as z from "zod";
import type { PolicyErrorCode } from "../errors.ts";
import { type Finding, formatPath, type Path } from "../problem.ts";
import { fieldHint } from "./field-hint.ts";
import { knownFieldsAt } from "./known-fields.ts";

type Issue = z.core.$ZodIssue;

/** What a value should be where its schema has no hint of its own. Given to zod, so that every issue's message is a hint. */
export function hintOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `write ${A_TYPE[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `one of: ${issue.values.join(", ")}`;
    case "too_small":
      return issue.origin === "number" ? `at least ${issue.minimum}` : "write at least one character";
    case "too_big":
      return issue.origin === "number" ? `at most ${issue.maximum}` : `at most ${issue.maximum} characters`;
    default:
      return "see the reference of the policy file";
  }
}

const A_TYPE: Readonly<Record<string, string>> = {
  object: "a map of fields",
  record: "a map of fields",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

/** A file's values, and how they are written there: a number too large to be read exactly is to be found in the text. */
interface WrittenFile {
  readonly value: unknown;
  writtenAt(path: Path): string | undefined;
}

/** Turns what zod finds wrong with a file into findings, in the file's own words; each once, though zod may say it twice. */
export function shapeFaults(issues: readonly Issue[], file: WrittenFile): Finding[] {
  const findings = issues.flatMap((issue) => findingsOf(issue, [], file));
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

function findingsOf(issue: Issue, parents: Path, file: WrittenFile): Finding[] {
  const path: Path = [...parents, ...(issue.path as (string | number)[])];
  const hint = issue.message;
  const name = formatPath(path.slice(-1)) || "the file";
  const value = valueAt(file.value, path);
  const shown = inWords(value, file.writtenAt(path));
  const fault = (code: PolicyErrorCode, message: string): Finding[] => [{ code, message, hint, path }];

  if (issue.code === "custom") {
    const { code, message } = issue.params as { code: PolicyErrorCode; message: string };
    return fault(code, message);
  }
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField(path, key));
  if (issue.code === "invalid_key") {
    return issue.issues
      .flatMap((inner) => findingsOf(inner, path, file))
      .map((found) => ({ ...found, path, isAboutKey: true }));
  }
  if (value === undefined) return fault("HG_POLICY_MISSING", `${name} is missing`);
  if (issue.code === "invalid_union") {
    const nearest = issue.errors.find((issues) => issues.every((inner) => !isAboutKind(inner)));
    if (nearest) return nearest.flatMap((inner) => findingsOf(inner, path, file));
    return fault(
      typeof value !== "object" && isChoice(issue) ? "HG_POLICY_VALUE" : "HG_POLICY_TYPE",
      `${name} cannot be ${shown}`,
    );
  }
  const isOfType = issue.code !== "invalid_type" || (issue.expected === "int" && typeof value === "number");
  return fault(isOfType ? "HG_POLICY_VALUE" : "HG_POLICY_TYPE", `${name} cannot be ${shown}`);
}

function unknownField(parent: Path, key: string): Finding {
  const hint = fieldHint(key, knownFieldsAt(parent));
  const path = [...parent, key];
  return { code: "HG_POLICY_UNKNOWN_FIELD", message: `there is no field "${key}" here`, hint, path, isAboutKey: true };
}

/** Whether an alternative of a union was not meant at all: the value is of another kind than it takes. */
function isAboutKind({ code, path }: Issue): boolean {
  return path.length === 0 && (code === "invalid_type" || code === "invalid_value" || code === "invalid_union");
}

/** Whether the value is of a kind that some alternative takes, but not among its choices. */
function isChoice({ errors }: Extract<Issue, { code: "invalid_union" }>): boolean {
  const isOtherChoice = ({ code, path }: Issue) => code === "invalid_value" && path.length === 0;
  return errors.some((issues) => issues.some(isOtherChoice));
}

function valueAt(file: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, segment) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, segment)
        ? (value as Record<string | number, unknown>)[segment]
        : undefined,
    file,
  );
}

function inWords(value: unknown, written: string | undefined): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a map";
  return typeof value === "string" ? `"${value.slice(0, 80)}"` : (written ?? String(value));
}

import type * as z from "zod";
import { textFormat } from "./text-format.ts";

/**
 * A pattern of paths: `*` is one segment, or any part of one (`a*b`); `**` is any number of segments, also none;
 * `{name}` is one segment, or a part of one that is not empty. Case counts; slashes at the path's end do not.
 */
export interface Glob {
  /** As written. */
  readonly pattern: string;
  readonly regExp: RegExp;
}

const LONGEST = 1024;
const WILDCARD = /\*|\{[^{}/]+\}/g;

/** What is wrong with a pattern, or undefined if nothing is. */
export function globFault(pattern: string): string | undefined {
  if (!pattern.startsWith("/")) return `"${pattern}" does not begin with a slash`;
  if (pattern.length > LONGEST) return `the pattern is longer than ${LONGEST} characters`;
  if (/[\s?#]/.test(pattern)) return `"${pattern}" holds a space, ? or #, which no path does`;
  if (/[{}]/.test(pattern.replace(WILDCARD, ""))) return `"${pattern}" has braces without a name or a partner`;
  for (const segment of pattern.split("/")) {
    if (segment.includes("**") && segment !== "**") return `"${pattern}" has ** within a segment`;
  }
  return undefined;
}

/** Compiles a pattern. It must have no {@link globFault}. */
export function compileGlob(pattern: string): Glob {
  return { pattern, regExp: new RegExp(`^${new GlobSource().of(pattern)}/*$`) };
}

export const globSchema: z.ZodType<string> = textFormat({
  code: "HG_POLICY_GLOB",
  description: "A pattern of paths: * is one segment, ** any number, {name} one.",
  hint: "begin with /; * is one segment, ** any number of them and alone between slashes, {name} one",
  fault: globFault,
});

/**
 * Writes the regular expression of a pattern. All but the last wildcard of a run take the shortest match and never
 * reconsider it, as an atomic group would: `(?=(?<g>shortest))\k<g>`. Shortest leaves most to what follows, so nothing
 * is missed, and no path takes more than about length x segments steps.
 */
class GlobSource {
  #groups = 0;

  of(pattern: string): string {
    const runs = splitRuns(pattern);
    const last = runs.length - 1;
    return runs
      .map((segments, i) => {
        const run = segments.map((segment) => `/${this.#segment(segment)}`).join("");
        if (i === 0) return run;
        return i === last ? `(?:/[^/]*)*${run}` : this.#atomic(`(?:/[^/]*)*?${run}(?=/|$)`);
      })
      .join("");
  }

  #segment(segment: string): string {
    if (segment === "*") return "[^/]+";
    const literals = segment.split(WILDCARD).map(escaped);
    const wildcards = segment.match(WILDCARD) ?? [];
    return literals
      .map((literal, i) => {
        if (i === 0) return literal;
        const any = wildcards[i - 1] === "*" ? "[^/]*" : "[^/]+";
        if (i === wildcards.length) return `${any}${literal}(?![^/])`;
        return this.#atomic(`${any}?${literal}`);
      })
      .join("");
  }

  #atomic(source: string): string {
    const group = `g${++this.#groups}`;
    return `(?=(?<${group}>${source}))\\k<${group}>`;
  }
}

/** The segments between one `**` and the next. */
function splitRuns(pattern: string): string[][] {
  const runs: string[][] = [[]];
  for (const segment of pattern.replace(/\/+$/, "").split("/").slice(1)) {
    if (segment === "**") runs.push([]);
    else runs[runs.length - 1]?.push(segment);
  }
  return runs;
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

import { join } from "node:path";
import { printable } from "@headgate/core";
import type { Difference } from "@headgate/handbook";

/** Characters of a line that are shown before and after what differs. */
const BEFORE = 60;
const AFTER = 100;

/** A line as it should be and as it is; undefined past a file's end. */
type Lines = Pick<Difference, "expected" | "found">;

/**
 * How pages differ from the policy, in words. What differs alike in several files is told once: a number that changed is in
 * the Markdown, the HTML and the texts for language models.
 */
export function formatDifferences(folder: string, differences: readonly Difference[]): string {
  const groups = Map.groupBy(differences, (difference) =>
    difference.kind === "different" ? JSON.stringify(change(difference)) : `${difference.kind} ${difference.file}`,
  );
  return [...groups.values()].map((group) => inWords(folder, group)).join("");
}

function inWords(folder: string, group: readonly Difference[]): string {
  const first = group.find(({ file }) => file.endsWith(".md")) ?? (group[0] as Difference);
  const path = join(folder, first.file);
  if (first.kind === "missing") return `${path}: missing\n`;
  if (first.kind === "extra") return `${path}: the policy has no such page\n`;
  const others = group.filter((difference) => difference !== first).map(({ file, line }) => `${file}:${line}`);
  const [expected, found] = excerpts(first);
  return [
    `${path}:${first.line}: differs\n  should be: ${expected}\n  is:        ${found}\n`,
    others.length === 0 ? "" : `  and so do: ${others.join(", ")}\n`,
  ].join("");
}

/** The words that differ, and nothing around them. */
function change({ expected, found }: Lines): readonly [expected: string | undefined, found: string | undefined] {
  if (expected === undefined || found === undefined) return [expected, found];
  const [start, end] = differingPart(expected, found);
  return [expected.slice(start, expected.length - end), found.slice(start, found.length - end)];
}

/** Both lines where they differ, and something around that, to know the place by. */
function excerpts({ expected, found }: Lines): readonly [expected: string, found: string] {
  const [start] = expected === undefined || found === undefined ? [0] : differingPart(expected, found);
  return [excerpt(expected, start), excerpt(found, start)];
}

function excerpt(line: string | undefined, start: number): string {
  if (line === undefined) return "(the end)";
  const [from, to] = [Math.max(0, start - BEFORE), start + AFTER];
  return printable(`${from > 0 ? "…" : ""}${line.slice(from, to)}${to < line.length ? "…" : ""}`);
}

/** How many characters two lines have in common at their start and at their end, in whole words. */
function differingPart(a: string, b: string): readonly [start: number, end: number] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  while (start > 0 && isOfWord(a[start - 1])) start--;
  while (end > 0 && isOfWord(a.at(-end))) end--;
  return [start, end];
}

function isOfWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N},.]/u.test(character);
}

import { expect, test } from "vitest";
import { makeProgram } from "../../packages/headgate/src/program.ts";
import { Page } from "./page.ts";

type Command = ReturnType<typeof makeProgram>;

const page = new Page("docs/reference/command.md");
const commands = leavesOf(makeProgram(() => {}));
/** What is written about, with the names of values left out: `--log FILE` is about `--log`. */
const spans = page.codeSpans;

/** Flags that the page explains once for all commands. */
const COMMON = ["--help", "--version", "--admin-url", "--data", "--json", "--quiet", "--policy"];

test.each(commands)("command.md tells of `headgate $path`", ({ path }) => {
  expect(spans.some((span) => `${span.replace(/^headgate /, "")} `.startsWith(`${path} `))).toBe(true);
});

test.each(commands)("command.md tells of every flag of `headgate $path`", ({ command }) => {
  const flags = command.options.map(({ long, short }) => long ?? short ?? "");
  const told = new Set(spans.flatMap((span) => span.match(/--?[A-Za-z][a-z-]*/g) ?? []));
  expect(flags.filter((flag) => !told.has(flag) && !COMMON.includes(flag))).toEqual([]);
});

/** The commands that do something, with the words that call them. */
function leavesOf(command: Command, words: readonly string[] = []): { path: string; command: Command }[] {
  if (command.commands.length === 0) return command.name() === "help" ? [] : [{ path: words.join(" "), command }];
  return command.commands.flatMap((each) => leavesOf(each, [...words, each.name()]));
}

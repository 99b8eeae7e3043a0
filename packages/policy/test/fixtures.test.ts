import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { formatProblems, loadPolicy, POLICY_ERRORS } from "../src/index.ts";

interface Fixture {
  readonly name: string;
  readonly text: string;
  /** `line:column CODE` of the first problem. */
  readonly expected: string;
}

function fixturesIn(folder: string): Fixture[] {
  const directory = new URL(`fixtures/${folder}/`, import.meta.url);
  return readdirSync(directory).map((name) => {
    const text = readFileSync(new URL(name, directory), "utf8");
    return { name, text, expected: /^# expect: (.*)\n/.exec(text)?.[1] ?? "" };
  });
}

/** A file that a fixture names, from those that are there for them. */
function readFile(path: string): string {
  return readFileSync(new URL(`fixtures/files/${basename(path)}`, import.meta.url), "utf8");
}

const bad = fixturesIn("bad");
const lints = fixturesIn("lints");

describe.each([
  { folder: "bad", fixtures: bad, severity: "fault" },
  { folder: "lints", fixtures: lints, severity: "lint" },
])("fixtures/$folder", ({ fixtures, severity }) => {
  test.each(fixtures)("$name is found out where it is written, with a hint", ({ name, text, expected }) => {
    const { policy, problems } = loadPolicy(text, { file: name, readFile });
    expect(policy === undefined).toBe(severity === "fault");
    expect(problems.map((problem) => problem.severity)).toContain(severity);
    for (const problem of problems) {
      expect(problem.severity).toBe(severity);
      expect(problem.hint).not.toBe("");
    }
    const report = formatProblems(name, problems);
    expect(report).toMatch(/^[^\n]+ HG_[A-Z_]+ [^\n]+\n {2}hint: [^\n]+\n/);
    expect(report.startsWith(`${name}:${expected} `)).toBe(true);
  });
});

test("every code has a fixture", () => {
  const seen = new Set([...bad, ...lints].map(({ expected }) => expected.split(" ")[1]));
  expect([...seen].toSorted()).toEqual(Object.keys(POLICY_ERRORS).toSorted());
});

test("a file with several faults names each of them, from top to bottom", () => {
  const text = "headgate: 1\nupstream: ftp://x\nlimits:\n  - { name: a, per: ip, quota: 0, window: 1y, mod: shadow }\n";
  const { problems } = loadPolicy(text);
  expect(problems.map(({ line, code, path }) => `${line} ${code} ${path}`)).toEqual([
    "2 HG_POLICY_URL upstream",
    "4 HG_POLICY_VALUE limits[0].quota",
    "4 HG_POLICY_DURATION limits[0].window",
    "4 HG_POLICY_UNKNOWN_FIELD limits[0].mod",
  ]);
});

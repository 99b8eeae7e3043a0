import { expect, test } from "vitest";
import { formatProblems, loadPolicy } from "../src/index.ts";

/** What `check` prints of a text. */
function reportOf(text: string): string {
  return formatProblems("policy.yaml", loadPolicy(text).problems);
}

/** What is said of a limit with these fields, and what to do: one line each. */
function saidOf(fields: string): string[] {
  return reportOf(`headgate: 1\nlimits: [{ ${fields} }]`)
    .trim()
    .split("\n")
    .map((line) => line.replace(/^policy\.yaml:\d+:\d+ HG_\w+ /, "").trim());
}

test("what a file holds can neither colour nor rearrange the terminal", () => {
  const report = reportOf('headgate: 1\nlimits: []\n"\\e[31mred\\u202e": 1\n"a\\nb": 1\n');
  expect(report).toContain('there is no field "\\u{1b}[31mred\\u{202e}" here');
  expect(report.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(report).toContain('"a\\u{a}b"');
});

test("of a file that is something else, twenty lines of a kind are told, and the hint once", () => {
  const lines = Array.from({ length: 100 }, (_, i) => `setting_${i}: value`);
  const report = reportOf(`headgate: 1\nlimits: []\n${lines.join("\n")}`);
  expect(report.match(/HG_POLICY_UNKNOWN_FIELD there is/g)).toHaveLength(20);
  expect(report.match(/hint: /g)).toHaveLength(1);
  expect(report).toMatch(/\npolicy\.yaml: and 80 more of HG_POLICY_UNKNOWN_FIELD\n$/);
});

const NAMED = "name: a, per: ip";

test.each([
  {
    what: "a number that is too large is told once, as it is written",
    fields: `${NAMED}, window: 1m, quota: 99999999999999999999`,
    said: ["quota cannot be 99999999999999999999", "hint: a whole number from 1 to 2^40"],
  },
  {
    what: "a rate is a quota and a window",
    fields: `${NAMED}, rate: 5r/s`,
    said: ['there is no field "rate" here', "hint: write quota: 100 and window: 1m"],
  },
  {
    what: "a window needs its unit",
    fields: `${NAMED}, quota: 5, window: 60`,
    said: ["window cannot be 60", "hint: say the unit, too, such as 60s for seconds"],
  },
  {
    what: "a window needs its unit, also as text",
    fields: `${NAMED}, quota: 5, window: "60"`,
    said: ['"60" is not a duration', "hint: say the unit, too, such as 60s for seconds"],
  },
  {
    what: "a merge key is not read",
    fields: `<<: { per: ip, quota: 5, window: 1m }, name: a`,
    said: [
      'there is no field "<<" here',
      "hint: merge keys are not read: write the fields out, or have an alias stand for a whole value",
    ],
  },
  {
    what: "a list without items allows nothing",
    fields: `${NAMED}, quota: 5, window: 1m, match: { methods: [] }`,
    said: ["methods cannot be an empty list", "hint: list at least one, or leave the field out"],
  },
])("$what", ({ fields, said }) => {
  expect(saidOf(fields)).toEqual(said);
});

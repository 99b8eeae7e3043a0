import { expect, test } from "vitest";
import { headgate } from "./headgate.ts";

test.each([
  [["frobnicate"], "headgate"],
  [["simulate", "policy.yaml"], "headgate simulate"],
  [["serve", "--port", "many"], "headgate serve"],
  [["keys", "burn"], "headgate keys"],
  [["keys", "create", "--expires", "soon"], "headgate keys create"],
])("%j is told whose help to read", async (args, whose) => {
  const { exitCode, stdout, stderr } = await headgate(...args);
  expect(stderr).toMatch(/^headgate: HG_USAGE /);
  expect(stderr.split("\n").slice(-2)).toEqual([`(\`${whose} --help\` shows what there is)`, ""]);
  expect(stdout).toBe("");
  expect(exitCode).toBe(2);
});

test.each([
  [["check", "nowhere.yaml"], "HG_POLICY_UNREADABLE", 2],
  [["simulate", "policy.yaml"], "HG_USAGE", 2],
  [["keys", "list", "--data", "/nowhere/at/all"], "HG_DATA_MISSING", 2],
])("with --json, what ends %j is JSON on standard error", async (args, code, expected) => {
  const { exitCode, stdout, stderr } = await headgate(...args, "--json");
  expect(JSON.parse(stderr)).toEqual({ error: { code, message: expect.any(String) } });
  expect(stdout).toBe("");
  expect(exitCode).toBe(expected);
});

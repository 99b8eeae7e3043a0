import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { policyFile } from "../systems/harness.ts";
import { headgate } from "./headgate.ts";

const fixtures = fileURLToPath(new URL("../../packages/policy/test/fixtures/", import.meta.url));
const filesIn = (folder: string): string[] =>
  readdirSync(`${fixtures}${folder}`).map((name) => `${fixtures}${folder}/${name}`);

test.each(["default", "logproof", "initial-state", "keymint", "measurabl", "prolifi"])(
  "policies/%s.yaml is clean",
  async (name) => {
    const { exitCode, stdout } = await headgate("check", policyFile(name));
    expect(stdout).toContain("good");
    expect(exitCode).toBe(0);
  },
);

test("a file with faults ends in 2, each fault with its place, its code and a hint", async () => {
  const files = filesIn("bad");
  const checkRest = async (): Promise<void> => {
    for (let file = files.pop(); file; file = files.pop()) {
      const { exitCode, stdout } = await headgate("check", file);
      expect(stdout).toMatch(new RegExp(`^${file}:\\d+:\\d+ HG_[A-Z_]+ .+\\n  hint: .+`, "m"));
      expect(exitCode).toBe(2);
    }
  };
  await Promise.all([checkRest(), checkRest(), checkRest()]);
}, 120_000);

test("a file that is legal but likely wrong ends in 1", async () => {
  const [file] = filesIn("lints") as [string];
  const { exitCode, stdout } = await headgate("check", file);
  expect(stdout).toMatch(/HG_LINT_[A-Z_]+/);
  expect(exitCode).toBe(1);
});

test("--json prints the problems as data", async () => {
  const [file] = filesIn("bad") as [string];
  const { exitCode, stdout } = await headgate("check", file, "--json");
  expect(exitCode).toBe(2);
  const { ok, problems } = JSON.parse(stdout);
  expect(ok).toBe(false);
  expect(problems[0]).toMatchObject({
    severity: "fault",
    code: expect.stringMatching(/^HG_/),
    line: expect.any(Number),
  });
});

test("a file that is not there is said to be so", async () => {
  const { exitCode, stderr } = await headgate("check", "nowhere.yaml");
  expect(stderr).toBe("headgate: HG_POLICY_UNREADABLE nowhere.yaml: there is no such file\n");
  expect(exitCode).toBe(2);
});

test("words it does not understand end in 2 and point to the help", async () => {
  const { exitCode, stderr } = await headgate("chekc", "a.yaml");
  expect(stderr).toContain("unknown command 'chekc'");
  expect(exitCode).toBe(2);
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { policyFile } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { headgate } from "./headgate.ts";

test("says which limits a request meets, and why the others are not met", async () => {
  const { stdout, exitCode } = await headgate(
    ...["explain", policyFile("logproof"), "GET", "https://api.logproof.com/v1/events?limit=5"],
    ...["-H", "Authorization: Bearer lp_test_a_very_long_secret", "--ip", "203.0.113.9"],
  );
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^GET \/v1\/events, with a credential on record\n/);
  expect(stdout).toMatch(/meets {2}api: /);
  expect(stdout).toMatch(/skips {2}widget: .*path/);
  expect(stdout).toMatch(/skips {2}strangers: .*authenticated|meets {2}strangers: .*203\.0\.113\.9/);
  expect(stdout).not.toContain("a_very_long_secret");
});

test("explains the path that the upstream would see", async () => {
  const { stdout } = await headgate("explain", policyFile("logproof"), "get", "/v1/widget/../events");
  expect(stdout).toMatch(/^GET \/v1\/events\n/);
});

test("refuses a path that would be refused", async () => {
  const { stderr, exitCode } = await headgate("explain", policyFile("logproof"), "GET", "/v1/a%2fb");
  expect(stderr).toContain("HG_REQUEST_PATH");
  expect(exitCode).toBe(2);
});

test("--json cuts secrets short too", async () => {
  const { stdout } = await headgate(
    ...["explain", policyFile("logproof"), "GET", "/v1/events", "--json"],
    ...["-H", "Authorization: Bearer lp_test_a_very_long_secret"],
  );
  expect(stdout).toContain("lp_test_");
  expect(stdout).not.toContain("a_very_long_secret");
});

test("--quiet prints the names of the limits it meets", async () => {
  const { stdout } = await headgate("explain", policyFile("keymint"), "POST", "/key", "--quiet");
  expect(stdout).toBe("address\n");
});

test.each([
  ["an address that is none", ["GET", "/", "--ip", "nope"], /HG_USAGE .*--ip/],
  ["a method that is none", ["G ET", "/"], /HG_USAGE .*METHOD/],
  ["a header that is none", ["GET", "/", "-H", "nonsense"], /HG_USAGE .*nonsense/],
  ["a path that is none", ["GET", "v1"], /HG_REQUEST_PATH/],
])("says what is wrong with %s", async (_, args, message) => {
  const { stderr, exitCode } = await headgate("explain", policyFile("keymint"), ...args);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
});

test("faults of the policy are listed, and with --json are data on one line, as what ends any command is", async () => {
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(file, "headgate: 1\nlimits: [{ name: a, per: ip, quota: 0, window: 1m }]\n");
  const { stdout, stderr, exitCode } = await headgate("explain", file, "GET", "/");
  expect([stdout, exitCode]).toEqual(["", 2]);
  expect(stderr).toMatch(/:2:\d+ HG_POLICY_VALUE .*\n {2}hint: .*\nheadgate: HG_POLICY_REFUSED .* has faults/);
  for (const command of [
    ["explain", file, "GET", "/"],
    ["docs", file, "--out", "none"],
    ["simulate", file, "--log", file],
    ["serve", file],
  ]) {
    const { stdout, stderr, exitCode } = await headgate(...command, "--json");
    expect([stdout, exitCode]).toEqual(["", 2]);
    const { error } = JSON.parse(stderr);
    expect(error).toMatchObject({ code: "HG_POLICY_REFUSED", problems: [{ code: "HG_POLICY_VALUE", line: 2 }] });
  }
});

test("--json prints one explanation a limit", async () => {
  const { stdout } = await headgate("explain", policyFile("keymint"), "POST", "/key/activate", "--json");
  const { explanations } = JSON.parse(stdout);
  expect(explanations).toContainEqual(expect.objectContaining({ name: "address-activation", applies: true }));
  expect(explanations).toContainEqual(expect.objectContaining({ name: "token", applies: false }));
});

const MANAGED = `
headgate: 1
title: Managed
credentials: managed
callers:
  api-key: { bearer: ex_sk_ }
limits:
  - { name: shared, per: account, quota: 10, window: 1m }
  - { name: paid, match: { plan: pro }, per: api-key, quota: 10, window: 1m }
  - { name: strangers, match: { authenticated: false }, per: ip, quota: 5, window: 1m }
`;

async function explainManaged(...args: string[]): Promise<string> {
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(file, MANAGED);
  const { stdout, stderr } = await headgate("explain", file, "GET", "/v1", ...args);
  return stdout + stderr;
}

test("a credential counts as one on record, of some account, where Headgate issues them", async () => {
  const explained = await explainManaged("-H", "Authorization: Bearer ex_sk_a_very_long_secret");
  expect(explained).toMatch(/^GET \/v1, with a credential on record\n/);
  expect(explained).toMatch(/meets {2}shared: .*account \(on record\)/);
  expect(explained).toMatch(/skips {2}paid: /);
  expect(explained).toMatch(/skips {2}strangers: /);
  expect(await explainManaged()).toMatch(/skips {2}shared: .*account.*\n.*\n {2}meets {2}strangers: /);
});

test("says how much a limit allows, what a request costs of it, and that a shadow does not refuse", async () => {
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(
    file,
    `headgate: 1
limits:
  - { name: one, per: ip, quota: 10, window: 1m, mode: shadow }
  - { name: two, per: ip, quota: 60, window: day, cost: 5 }
  - { name: three, per: ip, quota: 3, algorithm: concurrency }
`,
  );
  const { stdout } = await headgate("explain", file, "GET", "/");
  expect(stdout).toMatch(/ {2}meets {2}one: .*; 10 per 1m, in shadow: it never refuses\n/);
  expect(stdout).toMatch(/ {2}meets {2}two: .*; 60 per day, a request costs 5\n/);
  expect(stdout).toMatch(/ {2}meets {2}three: .*; 3 at once\n/);
});

test("--plan is refused where nobody has a plan", async () => {
  const { stderr, exitCode } = await headgate("explain", policyFile("measurabl"), "GET", "/", "--plan", "pro");
  expect(stderr).toMatch(/HG_USAGE --plan pro/);
  expect(exitCode).toBe(2);
});

test("--plan asks for an account of that plan", async () => {
  const credential = ["-H", "Authorization: Bearer ex_sk_a"];
  expect(await explainManaged(...credential, "--plan", "pro")).toMatch(/meets {2}paid: /);
  expect(await explainManaged(...credential, "--plan", "por")).toMatch(/HG_USAGE --plan por .*the policy has pro/);
});

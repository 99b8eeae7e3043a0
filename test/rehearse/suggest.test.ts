import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTraffic, syntheticLog } from "@headgate/rehearse";
import { describe, expect, test } from "vitest";
import { headgate } from "../command/headgate.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** A file with a log of half an hour of synthetic traffic. */
async function logOf(folder: string, shape: string, callers: string, requests?: readonly string[]): Promise<string> {
  const file = join(folder, "traffic.ndjson");
  const spec = parseTraffic({ shape, callers, rate: "5/s", for: "30m", requests });
  await writeFile(file, [...syntheticLog(spec)].join(""));
  return file;
}

describe("headgate suggest", () => {
  test.each([
    ["bursty", "300", "0.1%"],
    ["retry-storm", "300", "1%"],
    ["abuser", "1000", "0.1%"],
  ])(
    "%s traffic of %s callers: simulate shows that no more than %s of them would be refused",
    async (shape, callers, share) => {
      const folder = await temporaryFolder();
      const policy = join(folder, "policy.yaml");
      const log = await logOf(folder, shape, callers, ["GET /v1/events/{id}", "POST /v1/events"]);
      expect(await headgate("suggest", "--log", log, "--share", share, "--out", policy)).toMatchObject({
        exitCode: 0,
        stdout: "",
        stderr: "",
      });
      expect(await headgate("check", policy)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("good") });
      const allowed = Math.floor((Number(callers) * Number.parseFloat(share)) / 100);
      const { exitCode, stdout, stderr } = await headgate(
        ...["simulate", policy, "--log", log, "--json", "--max-callers", String(allowed)],
      );
      expect(stderr).toBe("");
      expect(exitCode).toBe(0);
      const { callersSeen, callersRefused } = JSON.parse(stdout);
      expect(callersSeen.count).toBeGreaterThan(0.7 * Number(callers));
      expect(callersRefused.count).toBeLessThanOrEqual(allowed);
    },
  );

  test("prints the policy, or with --json what it was made from", async () => {
    const log = await logOf(await temporaryFolder(), "poisson", "20");
    const printed = await headgate("suggest", "--log", log, "--upstream", "https://api.example.com");
    expect(printed.stdout).toMatch(/^# Suggested by Headgate from [\d,]+ requests/);
    expect(printed.stdout).toContain('upstream: "https://api.example.com"');
    const json = await headgate("suggest", "--log", log, "--upstream", "https://api.example.com", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ share: 0.001, headroom: 0.2, policy: printed.stdout });
  });

  test("says what is wrong with a log, and goes on with the rest", async () => {
    const folder = await temporaryFolder();
    const log = await logOf(folder, "poisson", "20");
    const odd = join(folder, "odd.ndjson");
    await writeFile(odd, `{"time":"2026-01-05T00:00:00Z","method":"GET","path":"/","ip":"192.0.2.1"}\nnonsense\n`);
    const { exitCode, stderr } = await headgate("suggest", "--log", log, "--log", odd);
    expect(stderr).toMatch(/^1 line could not be read, and is left out\n {2}.*odd\.ndjson:2 /);
    expect(exitCode).toBe(0);
    expect(await headgate("suggest", "--log", odd, "--strict")).toMatchObject({ exitCode: 2 });
  });

  test("refuses a pipe, which cannot be read twice", async () => {
    const pipe = join(await temporaryFolder(), "pipe");
    execFileSync("mkfifo", [pipe]);
    const { exitCode, stdout, stderr } = await headgate("suggest", "--log", pipe);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`HG_USAGE suggest reads a log twice, which ${pipe}, a pipe, cannot be: name a file`);
  });

  test.each([
    [["--log", "-"], "HG_USAGE suggest reads a log twice"],
    [["--log", "/dev/null"], "HG_SUGGEST_NOTHING no request could be read: /dev/null it holds no request"],
    [["--log", "/dev/null", "--out", "/nowhere/policy.yaml"], "HG_OUTPUT_UNWRITABLE /nowhere/policy.yaml: its folder"],
    [["--log", "nowhere.log"], "HG_LOG_UNREADABLE nowhere.log"],
    [["--log", "a.log", "--share", "much"], "argument 'much' is invalid. Write it as 0.1%."],
    [["--log", "a.log", "--share", "100%"], "Somebody must be left: it is below 100%."],
    [["--log", "a.log", "--upstream", "nowhere"], "An upstream is http:// or https://"],
    [[], "required option '--log <file>' not specified"],
  ])("what it cannot do ends in 2 and is said: %j", async (words, message) => {
    const { exitCode, stdout, stderr } = await headgate("suggest", ...words);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  });
});

describe("headgate traffic", () => {
  test("writes a log that the words fix, and simulate can read", async () => {
    const words = [
      "traffic",
      "poisson",
      "--rate",
      "1/s",
      "--for",
      "1m",
      "--request",
      "GET /v1/{id}",
      "-H",
      "x-api-key: k{caller}",
    ];
    const { exitCode, stdout } = await headgate(...words);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n", 1)[0]).toMatch(
      /^{"time":\d+,"method":"GET","path":"\/v1\/\d+","ip":"10\.0\.0\.\d+","headers":{"x-api-key":"k\d+"},"status":200}$/,
    );
    expect((await headgate(...words)).stdout).toBe(stdout);
    expect((await headgate(...words, "--seed", "2")).stdout).not.toBe(stdout);
  });

  test("that cannot be made ends in 2, with the words that would do", async () => {
    const { exitCode, stderr } = await headgate("traffic", "sawtooth");
    expect(stderr).toMatch(/^headgate: HG_TRAFFIC_INVALID "sawtooth" is not a shape of traffic; there are steady, /);
    expect(exitCode).toBe(2);
  });
});

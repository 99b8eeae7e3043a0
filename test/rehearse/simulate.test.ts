import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { type Finished, headgate } from "../command/headgate.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const POLICY = "headgate: 1\ntitle: Example\nlimits: [{ name: each, per: ip, quota: 2, window: 1m }]\n";
const WIDER = POLICY.replace("quota: 2", "quota: 3");

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder, "policy.yaml"), POLICY);
  await writeFile(join(folder, "wider.yaml"), WIDER);
  // One caller comes four times, another once.
  const lines = [1, 1, 1, 1, 2].map((caller, second) => ndjson(second, `192.0.2.${caller}`));
  await writeFile(join(folder, "log"), lines.join(""));
});

function ndjson(second: number, ip: string): string {
  const time = new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString();
  return `${JSON.stringify({ time, method: "GET", path: "/", ip })}\n`;
}

/** Arguments that are called like files of the folder stand for them. */
function simulate(...args: string[]): Promise<Finished> {
  const files = ["policy.yaml", "wider.yaml", "log", "broken", "decisions", "report.html"];
  return headgate("simulate", ...args.map((arg) => (files.includes(arg) ? join(folder, arg) : arg)));
}

describe("headgate simulate", () => {
  test("reports whom a policy would have refused", async () => {
    const { exitCode, stdout, stderr } = await simulate("policy.yaml", "--log", "log");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^Example\n/);
    expect(stdout).toMatch(/requests +5/);
    expect(stdout).toMatch(/refused +2 +40/);
    expect(stdout).toMatch(/ip 192\.0\.2\.1 +4 +2 +50/);
  });

  test("writes a decision for each line", async () => {
    await simulate("policy.yaml", "--log", "log", "--decisions", "decisions", "--quiet");
    const lines = (await readFile(join(folder, "decisions"), "utf8")).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[2]).toBe(
      '{"time":1893456002000,"allowed":false,"limit":"each","quota":2,"remaining":0,"reset_ms":58000,"retry_after":58,' +
        '"limits":[{"name":"each","remaining":0,"allowed":false}]}',
    );
  });

  test("prints its report as JSON, or writes it as a page, or prints nothing", async () => {
    const json = await simulate("policy.yaml", "--log", "log", "--json", "--html", "report.html");
    expect(JSON.parse(json.stdout)).toMatchObject({ title: "Example", requests: 5, refused: 2 });
    expect(await readFile(join(folder, "report.html"), "utf8")).toMatch(/^<!doctype html>/);
    expect(await simulate("policy.yaml", "--log", "log", "--quiet")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("prints decisions, or its page, in the report's place", async () => {
    const log = ["policy.yaml", "--log", "log"];
    await simulate(...log, "--decisions", "decisions", "--html", "report.html");
    const [decisions, page] = [await simulate(...log, "--decisions", "-"), await simulate(...log, "--html", "-")];
    expect(decisions).toEqual({
      exitCode: 0,
      stdout: await readFile(join(folder, "decisions"), "utf8"),
      stderr: "",
    });
    expect(page.stdout).toBe(await readFile(join(folder, "report.html"), "utf8"));
  });

  test("prints decisions to the end of what standard output goes to, or as far as they are read", async () => {
    const bin = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));
    const command = `"${bin}" simulate policy.yaml --log log --decisions -`;
    const script = `echo before > out; ${command} >> out; echo $?; ${command} | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "0\n0\n", stderr: "" });
    expect((await readFile(join(folder, "out"), "utf8")).split("\n")).toHaveLength(7);
    expect(await readFile(join(folder, "out"), "utf8")).toMatch(/^before\n\{"time"/);
  });

  test.each([
    ["--log", "log", "--decisions", "report.html", "--html", "report.html"],
    ["--log", "log", "--decisions", "-", "--html", "-"],
    ["--log", "-", "--log", "-"],
  ])("refuses to do two things with one file: %j", async (...args) => {
    const { exitCode, stdout, stderr } = await simulate("policy.yaml", ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^headgate: HG_USAGE /);
  });

  test("shows the difference to another policy", async () => {
    const args = ["wider.yaml", "--log", "log", "--against", "policy.yaml"];
    expect((await simulate(...args)).stdout).toMatch(
      /^What changes from \S+policy\.yaml to \S+wider\.yaml\n.*\n {2}requests refused +2 +1/m,
    );
    expect(JSON.parse((await simulate(...args, "--json")).stdout)).toMatchObject({
      refused: 1,
      against: { refused: 2 },
      difference: { callers: [{ kind: "ip", value: "192.0.2.1", before: 2, after: 1, effect: "refused-less" }] },
    });
  });

  test.each([
    [["--max-refused", "40%"], 0, ""],
    [["--max-refused", "39.9%"], 1, "headgate: 2 of 5 requests would be refused, more than --max-refused allows\n"],
    [["--max-callers", "1"], 0, ""],
    [["--max-callers", "0"], 1, "headgate: 1 caller would be refused, more than --max-callers allows\n"],
  ])("exits with 1 where more is refused than may be: %s", async (options, exitCode, stderr) => {
    expect(await simulate("policy.yaml", "--log", "log", "--quiet", ...options)).toEqual({
      exitCode,
      stdout: "",
      stderr,
    });
  });

  test("takes a percentage for what it says, whatever binary fractions make of it", async () => {
    // 29 / 100 is not what 0.29 * 100 comes to.
    await writeFile(join(folder, "policy.yaml"), POLICY.replace("quota: 2", "quota: 71"));
    await writeFile(join(folder, "log"), ndjson(1, "192.0.2.1").repeat(100));
    const verdictOf = async (most: string): Promise<number> =>
      (await simulate("policy.yaml", "--log", "log", "--quiet", "--max-refused", most)).exitCode;
    expect([await verdictOf("29%"), await verdictOf("28.9999%")]).toEqual([0, 1]);
  });

  test("does not say of a log without requests that nothing would be refused", async () => {
    await writeFile(join(folder, "broken"), "nonsense\n");
    const { exitCode, stdout, stderr } = await simulate(
      "policy.yaml",
      "--log",
      "broken",
      "--quiet",
      "--max-refused",
      "1%",
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^1 line could not be read, and is left out\n {2}.*broken:1 /);
    expect(stderr).toMatch(/^headgate: HG_LOG_EMPTY .*broken: no request to tell by what would be refused\n$/m);
  });

  test("warns where no line could be read, in a report and beside JSON", async () => {
    await writeFile(join(folder, "broken"), "nonsense\n");
    const report = await simulate("policy.yaml", "--log", "broken");
    expect(report).toMatchObject({ exitCode: 0, stderr: "" });
    expect(report.stdout).toMatch(/\n\nNothing was rehearsed: no request could be read from .*broken\. /);
    expect(report.stdout).toContain("name it with --format");
    expect((await simulate("policy.yaml", "--log", "broken", "--json")).stderr).toMatch(
      /^1 line could not be read.*name it with --format/s,
    );
  });

  test.each([
    ["named one by one", ["--log", "log", "--log", "broken"]],
    ["as a shell makes them of --log l*", ["--log", "log", "broken"]],
  ])("reads several logs as one, by their times: %s", async (_, logs) => {
    await writeFile(join(folder, "broken"), ndjson(1, "192.0.2.2"));
    const { stdout } = await simulate("policy.yaml", ...logs, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ requests: 6, log: { lines: 6, faults: [] } });
  });

  test.each(["log", "policy.yaml"])("does not write over what it reads: %s", async (file) => {
    const before = await readFile(join(folder, file), "utf8");
    for (const option of ["--decisions", "--html"]) {
      const { exitCode, stderr } = await simulate("policy.yaml", "--log", "log", option, file);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: `headgate: HG_OUTPUT_UNWRITABLE ${join(folder, file)}: it is what is read\n`,
      });
    }
    expect(await readFile(join(folder, file), "utf8")).toBe(before);
  });

  test("ends in 2, without a stack trace, where its output cannot be written", async () => {
    const bin = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));
    const script = `"${bin}" simulate "${folder}/policy.yaml" --log "${folder}/log" >/dev/full`;
    const { status, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "headgate: HG_OUTPUT_UNWRITABLE standard output: the disk is full\n",
    });
  });

  test("tells what it could not read, and where", async () => {
    await writeFile(join(folder, "broken"), `${ndjson(1, "192.0.2.1")}nonsense\n`);
    const { exitCode, stdout } = await simulate("policy.yaml", "--log", "broken");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("broken:2 it is not JSON");
  });

  test.each([
    [
      ["policy.yaml", "--log", "broken", "--strict"],
      /^headgate: HG_LOG_FAULT .*broken:1: it is not in the format of the log\n$/,
    ],
    [["policy.yaml", "--log", "/nowhere"], /^headgate: HG_LOG_UNREADABLE \/nowhere: there is no such file\n$/],
    [["policy.yaml", "--log", "/tmp"], /^headgate: HG_LOG_UNREADABLE \/tmp: it is a folder\n$/],
    [["policy.yaml", "--log", "log", "--fields", "$status"], /^headgate: HG_LOG_FIELDS /],
    [["policy.yaml", "--log", "log", "--decisions", "/nowhere/d"], /^headgate: HG_OUTPUT_UNWRITABLE \/nowhere\/d: /],
    [["policy.yaml", "--log", "log", "--html", "/nowhere/r"], /^headgate: HG_OUTPUT_UNWRITABLE \/nowhere\/r: /],
    [["broken", "--log", "log"], /broken:1:1 HG_POLICY_/],
    [["policy.yaml", "--log", "log", "--format", "xml"], /^headgate: HG_USAGE /],
    [["policy.yaml"], /^headgate: HG_USAGE /],
  ])("exits with 2 where nothing can be replayed: %s", async (args, message) => {
    await writeFile(join(folder, "broken"), "nonsense\n");
    const { exitCode, stdout, stderr } = await simulate(...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

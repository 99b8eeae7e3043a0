import { describe, expect, test } from "vitest";
import { canRun, PYTHON, startProgram } from "./program.ts";
import { serve } from "./systems/harness.ts";

const folder = new URL("../examples/events/", import.meta.url);
const hasCurl = canRun("curl", ["--version"], "the example in curl is skipped: install curl");
const hasPython = canRun(PYTHON, ["--version"], `the example in Python is skipped: install python3, for ${PYTHON}`);

describe("the first minute with the events API", { timeout: 60_000 }, () => {
  test.for([
    { file: "first-minute.sh", command: "bash", isThere: hasCurl },
    { file: "first-minute.mjs", command: process.execPath, isThere: true },
    { file: "first-minute.py", command: PYTHON, isThere: hasPython },
  ])("goes as $file says", async ({ file, command, isThere }, { skip }) => {
    skip(!isThere, `${command} is missing`);
    const { url, exampleKey } = await serve(undefined);
    const environment = { HEADGATE_URL: url, HEADGATE_KEY: exampleKey };
    const { exitCode, stdout, stderr } = await startProgram(command, [file], { environment, cwd: folder }).finished;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/evt_\w+/);
    expect(stdout).toMatch(/accepted\D+2\b.*rejected\D+0\b/);
    expect(stdout).toMatch(/user\.logout.*file\.upload.*user\.login/s);
  });
});

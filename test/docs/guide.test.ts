import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { canRun } from "../program.ts";
import { Page } from "./page.ts";
import { missingLines, type Step, stepsOf, Walkthrough } from "./walkthrough.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = globSync("docs/guide/*.md", { cwd: root }).map((path) => new Page(path));
const hasCurl = canRun("curl", ["--version"], "guides are not walked through: install curl");
const hasRedis = canRun(
  "redis-server",
  ["--version"],
  "guides with Redis are not walked through: install redis-server",
);

describe("a guide", () => {
  const guides = pages.filter(({ path }) => !path.endsWith("README.md"));

  test.for(guides)("$path begins with something to run", (page) => {
    expect(page.fences[0]).toBeDefined();
    expect(page.firstFenceLine).toBeLessThanOrEqual(12);
  });

  test.for(guides)("$path works as it is written", { timeout: 120_000 }, async (page, { skip }) => {
    const steps = stepsOf(page);
    skip(!hasCurl, "curl is missing");
    skip(!hasRedis && steps.some(isOfRedis), "redis-server is missing");
    const walk = await Walkthrough.begin();
    for (const step of steps) {
      const printed = await walk.take(step);
      if (step.kind === "command" && step.output !== undefined) {
        expect(missingLines(step.output, printed), `of what this prints:\n${step.text}\nwhich is\n${printed}`).toEqual(
          [],
        );
      }
    }
  });

  test.for(guides)("$path runs every file that it shows", (page) => {
    const steps = stepsOf(page);
    const commands = steps.flatMap((step) => (step.kind === "command" ? [step.text] : [])).join("\n");
    const files = steps.flatMap((step) => (step.kind === "file" ? [step.name] : []));
    expect(files.filter((name) => !commands.includes(name))).toEqual([]);
  });
});

function isOfRedis({ text }: Step): boolean {
  return text.includes("redis-server");
}

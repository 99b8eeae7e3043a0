import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { environment, type Installation, installPacked } from "./installation.ts";

let installation: Installation;
beforeAll(async () => {
  installation = await installPacked();
  return () => rm(installation.folder, { recursive: true });
}, 60_000);

const root = fileURLToPath(new URL("../../", import.meta.url));
const installed = (path: string): string => join(installation.folder, "node_modules", path);

const LIBRARIES = ["core", "policy", "redis", "client", "rehearse", "handbook", "gateway"].map(
  (name) => `@headgate/${name}`,
);

test("a package holds what was built, and no sources", () => {
  for (const name of [...LIBRARIES, "headgate"]) {
    for (const file of ["dist/index.js", "dist/index.d.ts", "package.json", "README.md", "LICENSE"]) {
      expect(existsSync(installed(`${name}/${file}`)), `${name}/${file}`).toBe(true);
    }
    expect(existsSync(installed(`${name}/src`)), `${name}/src`).toBe(false);
  }
});

test.each([
  ...LIBRARIES.map((name) => [name, `${name}/dist/index.js`]),
  ["@headgate/core/testing", "@headgate/core/dist/testing/index.js"],
  ["@headgate/client/batch", "@headgate/client/dist/batch/index.js"],
  ["@headgate/client/cache", "@headgate/client/dist/cache/index.js"],
  ["@headgate/client/events", "@headgate/client/dist/events/index.js"],
  ["@headgate/client/redis", "@headgate/client/dist/pacing/redis/index.js"],
  ["@headgate/client/spill", "@headgate/client/dist/batch/spill/index.js"],
  ["@headgate/client/webhooks", "@headgate/client/dist/webhooks/index.js"],
  ["headgate", "headgate/dist/index.js"],
])("%s is imported from what was built", async (name, file) => {
  const script = `await import("${name}"); console.log(import.meta.resolve("${name}"))`;
  const { stdout } = await installation.run("node", "--input-type=module", "--eval", script);
  expect(fileURLToPath(stdout.trim())).toBe(installed(file));
});

test("the JSON Schema of the policy file is imported from @headgate/policy/schema.json", async () => {
  const script = `import schema from "@headgate/policy/schema.json" with { type: "json" }; console.log(JSON.stringify(schema))`;
  const { stdout } = await installation.run("node", "--input-type=module", "--eval", script);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(await readFile(join(root, "packages/policy/schema.json"), "utf8")));
});

test("a project in TypeScript finds the types of every package", async () => {
  const program = `
    import { obey, type ObeyingFetch } from "@headgate/client";
    import { Batcher } from "@headgate/client/batch";
    import { EventsClient } from "@headgate/client/events";
    import { defineLimit, type Limit } from "@headgate/core";
    import { fakeClock } from "@headgate/core/testing";
    import { createGateway } from "@headgate/gateway";
    import { loadPolicy } from "@headgate/policy";
    import { run } from "headgate";
    export const limit: Limit = defineLimit({ name: "writes", quota: 25, windowMs: 1000 });
    export const code: Promise<number> = run([]);
    export const api: ObeyingFetch = obey(fetch);
    export const made = [fakeClock, createGateway, loadPolicy, Batcher, EventsClient];
    // @ts-expect-error: a name is a string, which only the real types know.
    defineLimit({ name: 1, quota: 25, windowMs: 1000 });
  `;
  await writeFile(join(installation.folder, "program.mts"), program);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const types = ["--types", "node", "--typeRoots", join(root, "node_modules/@types")];
  await installation.run("node", tsc, "--noEmit", "--strict", "--module", "nodenext", ...types, "program.mts");
});

test("`headgate check` finds a published policy clean", async () => {
  const policy = installed("headgate/policies/logproof.yaml");
  const { stderr } = await installation.run("node", installed("headgate/dist/main.js"), "check", policy);
  expect(stderr).toBe("");
});

test("bin/headgate runs what was built, and knows its version", async () => {
  const { stdout } = await installation.run(installed("headgate/bin/headgate"), "--version");
  const { version } = JSON.parse(await readFile(join(root, "packages/headgate/package.json"), "utf8"));
  expect(stdout.trim()).toBe(version);
});

test("a Node that is too old is named in one line", async () => {
  const pretend = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.11.0'})";
  const ended = installation.run("node", "--import", pretend, installed("headgate/dist/main.js"), "--version");
  await expect(ended).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^headgate: HG_NODE_VERSION .*\n$/),
  });
});

test("`headgate serve` without a file serves the policy it was published with, until SIGTERM", async () => {
  const args = ["serve", "--port", "0", "--admin-port", "0", "--json"];
  const gate = spawn(installed("headgate/bin/headgate"), args, { cwd: installation.folder, env: environment });
  onTestFinished(() => void gate.kill("SIGKILL"));
  const exited = once(gate, "exit");
  const [line] = await Promise.race([once(createInterface(gate.stdout), "line"), exited]);
  const listening = JSON.parse(line);
  expect(listening.policy).toBe(installed("headgate/policies/default.yaml"));
  expect((await fetch(`${listening.admin}/healthz`)).status).toBe(200);

  gate.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
});

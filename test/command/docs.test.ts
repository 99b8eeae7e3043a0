import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { policyFile } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { headgate } from "./headgate.ts";

const LOGPROOF = policyFile("logproof");
const API = "openapi: 3.1.0\ninfo: { title: x, version: '1' }\npaths: { /v1/events: { get: { responses: {} } } }\n";

/** A file with this text, in a folder of its own. */
async function fileOf(name: string, text: string): Promise<string> {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, text);
  return file;
}

describe("headgate docs --out", () => {
  test("writes every page as HTML and Markdown, and says where to begin", async () => {
    const out = join(await temporaryFolder(), "new", "docs");
    const { exitCode, stdout, stderr } = await headgate("docs", LOGPROOF, "--out", out);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(`20 files in ${out}; begin with ${join(out, "index.html")}\n`);
    expect(await readdir(out)).toEqual(expect.arrayContaining(["index.html", "index.md", "llms.txt", "style.css"]));
    expect(await readFile(join(out, "index.md"), "utf8")).toContain("100 requests per minute");
  });

  test("takes sections from a folder", async () => {
    const [out, sections] = [await temporaryFolder(), await temporaryFolder()];
    await writeFile(join(sections, "introduction.md"), "Welcome.\n");
    await writeFile(join(sections, "notes.txt"), "These are none.\n");
    await headgate("docs", LOGPROOF, "--out", out, "--sections", sections);
    expect(await readFile(join(out, "index.md"), "utf8")).toMatch(/^# Rate limits\n\nWelcome\.\n\n## Limits\n/);
  });

  test("says of pages that are there from another policy that they were left", async () => {
    const out = await temporaryFolder();
    await headgate("docs", LOGPROOF, "--out", out);
    const { exitCode, stderr } = await headgate("docs", policyFile("measurabl"), "--out", out, "--quiet");
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`${join(out, "webhooks.md")} is from another policy, and was left there\n`);
  });

  test.each(["yaml", "json"])("writes the API's own document with the limits in it, as %s", async (extension) => {
    const out = await temporaryFolder();
    const api = await fileOf(
      `api.${extension}`,
      extension === "json" ? JSON.stringify({ openapi: "3.1.0", paths: {} }) : API,
    );
    await headgate("docs", LOGPROOF, "--out", out, "--openapi", api);
    expect(await readdir(out)).toEqual(
      expect.arrayContaining([`openapi.${extension}`, `openapi-overlay.${extension}`]),
    );
  });
});

describe("headgate docs --check", () => {
  test("exits 0 where the pages are those of the policy", async () => {
    const out = await temporaryFolder();
    await headgate("docs", LOGPROOF, "--out", out);
    const { exitCode, stdout } = await headgate("docs", LOGPROOF, "--check", out);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${out}: up to date, 20 files\n` });
  });

  test("exits 1 and says which pages differ, are missing, or should not be there", async () => {
    const out = await temporaryFolder();
    const api = await fileOf("api.yaml", API);
    await headgate("docs", LOGPROOF, "--out", out, "--openapi", api);
    const policy = await fileOf(
      "policy.yaml",
      (await readFile(LOGPROOF, "utf8")).replace("quota: 120", "quota: 121").replace("conditional: true", ""),
    );
    await rm(join(out, "headers.md"));
    await writeFile(join(out, "the-api-itself.md"), "Nobody's affair.\n");
    const { exitCode, stdout } = await headgate("docs", policy, "--check", out, "--openapi", api);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`${join(out, "headers.md")}: missing\n`);
    expect(stdout).toContain(`${join(out, "caching.md")}: the policy has no such page\n`);
    expect(stdout).toMatch(/index\.md:\d+: differs\n {2}should be: .*121 requests.*\n {2}is: {8}.*120 requests.*\n/);
    expect(stdout).not.toMatch(/the-api-itself|style\.css|openapi/);
  });

  test("shows where lines differ, however far to the right", async () => {
    const out = await temporaryFolder();
    const policyOf = (last: string): Promise<string> =>
      fileOf(
        "policy.yaml",
        `headgate: 1\nlimits: []\ndocs: { sections: { introduction: "${"Words and words. ".repeat(40)}${last}" } }\n`,
      );
    await headgate("docs", await policyOf("The old end."), "--out", out);
    const { stdout } = await headgate("docs", await policyOf("The new end."), "--check", out);
    expect(stdout).toMatch(/should be: ….*The new end\.\n {2}is: {8}….*The old end\.\n/);
  });

  test("tells once what differs alike in many files", async () => {
    const out = await temporaryFolder();
    await headgate("docs", LOGPROOF, "--out", out);
    const policy = await fileOf("policy.yaml", (await readFile(LOGPROOF, "utf8")).replace("quota: 120", "quota: 121"));
    const { stdout } = await headgate("docs", policy, "--check", out);
    expect(stdout.match(/should be:/g)).toHaveLength(1);
    expect(stdout).toMatch(/\/index\.md:\d+: differs\n[\s\S]*\n {2}and so do: index\.html:\d+, llms-full\.txt:\d+\n$/);
  });

  test("leaves alone what is called like a page, and was not written here", async () => {
    const out = await temporaryFolder();
    const measurabl = policyFile("measurabl");
    await headgate("docs", measurabl, "--out", out);
    await writeFile(join(out, "webhooks.md"), "# Our webhooks\n");
    await writeFile(join(out, "caching.html"), "<h1>Our caches</h1>\n");
    const { exitCode, stdout } = await headgate("docs", measurabl, "--check", out);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${out}: up to date, 12 files\n` });
  });

  test("prints what differs as data with --json", async () => {
    const out = await temporaryFolder();
    await headgate("docs", LOGPROOF, "--out", out);
    await writeFile(join(out, "headers.md"), "# Rate-limit headers\n");
    const { exitCode, stdout } = await headgate("docs", LOGPROOF, "--check", out, "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      differences: [{ file: "headers.md", kind: "different", line: 3 }],
    });
  });
});

describe("what cannot be done is said", () => {
  test.each([
    { args: [], says: "HG_USAGE say either where to write the pages" },
    { args: ["--out", "a", "--check", "b"], says: "HG_USAGE say either" },
    { args: ["--check", "/nowhere/at/all"], says: "HG_DOCS_FOLDER /nowhere/at/all: it is not there" },
    { args: ["--out", "/proc/docs"], says: "HG_DOCS_FOLDER /proc/docs: nothing can be made in /proc" },
    { args: ["--out", "/dev/null/docs"], says: "HG_DOCS_FOLDER /dev/null/docs: it is not a folder" },
    { args: ["--out", "/tmp", "--sections", "/nowhere"], says: "HG_DOCS_FOLDER /nowhere: it is not there" },
    { args: ["--out", "/tmp", "--openapi", "/nowhere.yaml"], says: "HG_DOCS_FOLDER /nowhere.yaml: it is not there" },
    {
      args: ["--out", "/tmp", "--openapi", LOGPROOF],
      says: `HG_DOCS_OPENAPI ${LOGPROOF}: it is not an OpenAPI document`,
    },
  ])("$says", async ({ args, says }) => {
    const { exitCode, stderr } = await headgate("docs", LOGPROOF, ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain("    at ");
  });

  test("of pages that would be written over the API's own document", async () => {
    const api = await fileOf("openapi.yaml", API);
    const { exitCode, stderr } = await headgate("docs", LOGPROOF, "--out", dirname(api), "--openapi", api);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`would write over ${api}: name another folder`);
    expect(await readFile(api, "utf8")).toBe(API);
  });

  test("of a file that is a folder", async () => {
    const out = await temporaryFolder();
    await mkdir(join(out, "index.html"));
    const { exitCode, stderr } = await headgate("docs", LOGPROOF, "--out", out);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`HG_DOCS_FOLDER ${join(out, "index.html")}: it is a folder`);
  });

  test("of a document with an alias in itself", async () => {
    const api = await fileOf("api.yaml", `${API}x: &x { y: *x }\n`);
    const { exitCode, stderr } = await headgate("docs", LOGPROOF, "--out", await temporaryFolder(), "--openapi", api);
    expect(exitCode).toBe(2);
    expect(stderr).toBe(`headgate: HG_DOCS_OPENAPI ${api}: an alias in it is part of what it stands for\n`);
  });

  test("of a section that there is not", async () => {
    const sections = await temporaryFolder();
    await writeFile(join(sections, "limit.md"), "x");
    const { exitCode, stderr } = await headgate(
      "docs",
      LOGPROOF,
      "--out",
      await temporaryFolder(),
      "--sections",
      sections,
    );
    expect(exitCode).toBe(2);
    expect(stderr).toContain("HG_DOCS_SECTION");
    expect(stderr).toContain('there is no section "limit"; sections: introduction, limits,');
  });

  test("of a policy with faults", async () => {
    const policy = await fileOf("policy.yaml", "headgate: 1\nlimits: [{}]\n");
    const { exitCode, stderr } = await headgate("docs", policy, "--out", await temporaryFolder());
    expect(exitCode).toBe(2);
    expect(stderr).toContain("HG_POLICY_MISSING");
  });
});

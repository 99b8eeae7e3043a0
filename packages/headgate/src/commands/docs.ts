import { extname, join, resolve } from "node:path";
import { HeadgateError } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import type { Command } from "commander";
import { formatDifferences } from "../docs-differences.ts";
import { readFiles, readSections, readTextFile, writeFiles } from "../docs-folder.ts";
import { readGoodPolicy } from "../policy-file.ts";
import type { ExitCode } from "../run.ts";

interface DocsOptions {
  readonly out?: string;
  readonly check?: string;
  readonly sections?: string;
  readonly openapi?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `headgate docs policy.yaml --out DIR`: the pages that callers read. With `--check DIR`, whether they are up to date. */
export function addDocs(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command("docs")
    .description("write the rate-limit pages that callers read, or check that they are up to date")
    .argument("<policy.yaml>")
    .option("--out <folder>", "write them there, as Markdown and HTML; made where it is not there")
    .option("--check <folder>", "say how the pages there differ from the policy; exit 1 if they do")
    .option("--sections <folder>", "texts to put in place of generated sections: limits.md and so on")
    .option(
      "--openapi <file>",
      "the API's own OpenAPI document, to be written there with the limits in it, and as an overlay",
    )
    .option("--json", "print what was written, or what differs, as JSON")
    .option("--quiet", "print nothing but differences")
    .action(async (file: string, options: DocsOptions) => finish(await docs(file, options)));
}

async function docs(file: string, options: DocsOptions): Promise<ExitCode> {
  const { out, check, sections, openapi } = options;
  if ((out === undefined) === (check === undefined)) {
    throw new HeadgateError(
      "HG_USAGE",
      "say either where to write the pages, --out DIR, or which to check, --check DIR",
    );
  }
  const { policy } = await readGoodPolicy(file);
  // Other commands start sooner without its code.
  const { siteFiles, writeHandbook } = await import("@headgate/handbook");
  const texts = sections === undefined ? undefined : await readSections(sections);
  const site = siteFiles(writeHandbook(policy, texts));
  const files = new Map([...site, ...(openapi === undefined ? [] : await apiWithLimits(policy, openapi))]);
  if (out === undefined) return await checkPages(check as string, files, options);
  if (openapi !== undefined && [...files.keys()].some((name) => resolve(out, name) === resolve(openapi))) {
    throw new HeadgateError("HG_USAGE", `--out ${out} would write over ${openapi}: name another folder`);
  }
  return await writePages(out, files, options);
}

async function apiWithLimits(policy: Policy, file: string): Promise<ReadonlyMap<string, string>> {
  const { apiFiles, limitedApi } = await import("@headgate/handbook");
  const text = await readTextFile(file);
  try {
    return apiFiles(limitedApi(policy, text), extname(file) === ".json");
  } catch (error) {
    if (!(error instanceof HeadgateError)) throw error;
    throw new HeadgateError("HG_DOCS_OPENAPI", `${file}: ${error.message}`, { cause: error });
  }
}

async function writePages(
  folder: string,
  files: ReadonlyMap<string, string>,
  { json, quiet }: DocsOptions,
): Promise<ExitCode> {
  await writeFiles(folder, files);
  const names = [...files.keys()];
  if (json) process.stdout.write(`${JSON.stringify({ folder, files: names }, null, 2)}\n`);
  else if (!quiet)
    process.stdout.write(`${names.length} files in ${folder}; begin with ${join(folder, "index.html")}\n`);
  for (const name of await leftOver(folder, files)) {
    process.stderr.write(`headgate: ${join(folder, name)} is from another policy, and was left there\n`);
  }
  return 0;
}

async function checkPages(
  folder: string,
  files: ReadonlyMap<string, string>,
  { json, quiet }: DocsOptions,
): Promise<ExitCode> {
  const { differencesOf } = await import("@headgate/handbook");
  const names = [...files.keys(), ...(await leftOver(folder, files))];
  const differences = differencesOf(files, await readFiles(folder, names));
  if (json) process.stdout.write(`${JSON.stringify({ folder, ok: differences.length === 0, differences }, null, 2)}\n`);
  else if (differences.length > 0) process.stdout.write(formatDifferences(folder, differences));
  else if (!quiet) process.stdout.write(`${folder}: up to date, ${files.size} files\n`);
  return differences.length === 0 ? 0 : 1;
}

/** Pages in a folder that another policy gave, and this one does not: as HTML they say so, and there is Markdown beside. */
async function leftOver(folder: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const { isGeneratedPage, PAGE_NAMES } = await import("@headgate/handbook");
  const others = PAGE_NAMES.filter((name) => !files.has(`${name}.html`));
  const there = await readFiles(
    folder,
    others.flatMap((name) => [`${name}.html`, `${name}.md`]),
  );
  return [...there.keys()].filter((file) => isGeneratedPage(there.get(file.replace(/\.md$/, ".html")) ?? ""));
}

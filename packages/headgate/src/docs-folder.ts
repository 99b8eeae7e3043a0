import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HeadgateError } from "@headgate/core";
import type { DocsSectionId } from "@headgate/policy";
import { makeFolder } from "./make-folder.ts";

const REASONS: Record<string, string> = {
  ENOENT: "it is not there",
  ENOTDIR: "it is not a folder",
  EISDIR: "it is a folder",
  EEXIST: "it is not a folder",
  EACCES: "this user may not read or write there",
  EROFS: "nothing can be written there",
  ENOSPC: "the disk is full",
};

/** Writes files into a folder, which is made where it is not there. Throws `HG_DOCS_FOLDER`. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await orFault(folder, () => makeFolder(folder));
  for (const [name, text] of files) {
    const file = join(folder, name);
    await orFault(file, () => writeFile(file, text));
  }
}

/** Those of these files that are in a folder, by name. Throws `HG_DOCS_FOLDER` where the folder or one of them cannot be read. */
export async function readFiles(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const there = new Set(await orFault(folder, () => readdir(folder)));
  const found = names.filter((name) => there.has(name));
  return new Map(await Promise.all(found.map(async (name) => [name, await readTextFile(join(folder, name))] as const)));
}

/** Throws `HG_DOCS_FOLDER` where the file cannot be read. */
export function readTextFile(file: string): Promise<string> {
  return orFault(file, () => readFile(file, "utf8"));
}

/** Sections in files such as `limits.md`. Throws `HG_DOCS_SECTION` where a file is named as no section is. */
export async function readSections(folder: string): Promise<ReadonlyMap<DocsSectionId, string>> {
  const names = await orFault(folder, async () => (await readdir(folder)).filter((name) => name.endsWith(".md")));
  const texts = await readFiles(folder, names);
  const { DOCS_SECTIONS } = await import("@headgate/policy");
  const known = Object.keys(DOCS_SECTIONS) as DocsSectionId[];
  return new Map([...texts].map(([name, text]) => [sectionId(name.slice(0, -".md".length), folder, known), text]));
}

function sectionId(name: string, folder: string, known: readonly DocsSectionId[]): DocsSectionId {
  const id = known.find((each) => each === name);
  if (id !== undefined) return id;
  throw new HeadgateError(
    "HG_DOCS_SECTION",
    `${join(folder, name)}.md: there is no section "${name}"; sections: ${known.join(", ")}`,
  );
}

async function orFault<Value>(path: string, step: () => Promise<Value>): Promise<Value> {
  try {
    return await step();
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new HeadgateError("HG_DOCS_FOLDER", `${path}: ${REASONS[code] ?? message}`, { cause: error });
  }
}

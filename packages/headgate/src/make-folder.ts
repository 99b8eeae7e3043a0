import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder, and those it lies in, where they are not there. Not by `mkdir` with `recursive`: that goes round for ever
 * below a folder that is there and takes none, such as /proc (as of Node 24.21).
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  const path = resolve(folder);
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Another process may have been quicker.
    if (await isFolder(path)) return;
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOENT" ? new Error(`nothing can be made in ${parent}`, { cause: error }) : error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

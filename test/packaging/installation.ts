import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** As npm's: the Node that runs the tests comes first on the path. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  NO_COLOR: "1",
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
};

/** A project that has installed what would be published, and nothing of the clone but its third-party dependencies. */
export interface Installation {
  readonly folder: string;
  /** Runs a program there. Rejects when its exit code is not 0. */
  run(program: string, ...args: string[]): Promise<{ stdout: string; stderr: string }>;
}

/** Builds and packs the packages, and installs them in a new folder as npm would. */
export async function installPacked(): Promise<Installation> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "headgate-")));
  const packed = join(folder, "packed");
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", root]);
  await run(process.execPath, [join(root, "scripts/pack.ts"), packed]);

  const modules = join(folder, "node_modules");
  const needed = new Set<string>();
  for (const name of await readdir(packed)) {
    const manifest = JSON.parse(await readFile(join(packed, name, "package.json"), "utf8"));
    for (const dependency of Object.keys(manifest.dependencies ?? {})) needed.add(dependency);
    await mkdir(dirname(join(modules, manifest.name)), { recursive: true });
    await rename(join(packed, name), join(modules, manifest.name));
  }
  for (const name of needed) {
    if (name.startsWith("@headgate/")) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(modules, name));
  }
  return { folder, run: (program, ...args) => run(program, args, { cwd: folder, env: environment }) };
}

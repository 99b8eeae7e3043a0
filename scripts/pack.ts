// Lays out the built packages as they would be published: node scripts/pack.ts [FOLDER], else build/packages
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The part of a package.json that differs between a clone and a published package. */
interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

const root = fileURLToPath(new URL("..", import.meta.url));
const target = process.argv[2] ?? join(root, "build/packages");

for (const folder of await readdir(join(root, "packages"))) {
  await pack(join(root, "packages", folder), join(target, folder));
}

async function pack(source: string, destination: string): Promise<void> {
  const manifest: Manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  await mkdir(destination, { recursive: true });
  for (const file of [...manifest.files, "README.md", "LICENSE"]) {
    await cp(find(file, source), join(destination, file), { recursive: true });
  }
  await cp(join(source, "src"), join(destination, "dist"), { recursive: true, filter: isNotCompiled });
  await writeFile(join(destination, "package.json"), `${JSON.stringify(published(manifest), null, 2)}\n`);
}

/** What built code reads where its source does, such as scripts in Lua, goes beside it as it is. */
function isNotCompiled(path: string): boolean {
  return !path.endsWith(".ts");
}

/** A file of the package's own, or else the one at the root that the packages share. */
function find(file: string, source: string): string {
  const found = [join(source, file), join(root, file)].find(existsSync);
  if (found === undefined) throw new Error(`${source} has no ${file} to publish: \`npm run build\` makes dist`);
  return found;
}

/** What only a clone needs is left out, and sources become what was built from them. */
function published(manifest: Manifest): object {
  const exports = Object.entries(manifest.exports).map(([name, file]) => [name, built(file)]);
  return { ...manifest, exports: Object.fromEntries(exports), scripts: undefined, devDependencies: undefined };
}

function built(file: string): string | { readonly types: string; readonly default: string } {
  const module = /^\.\/src\/(.*)\.ts$/.exec(file)?.[1];
  return module === undefined ? file : { types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` };
}

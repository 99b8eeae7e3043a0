import { fileURLToPath } from "node:url";
import { build } from "vite";

const ENTRY = fileURLToPath(new URL("../src/entry-of-a-page.ts", import.meta.url));

/** What a page loads that has this in its code, which imports from `./index.ts` and such: minified, and all modules in one. */
export async function bundleOf(code: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "error",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === ENTRY ? id : undefined),
        load: (id) => (id === ENTRY ? code : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      target: "es2022",
      modulePreload: { polyfill: false },
      rolldownOptions: { input: ENTRY, preserveEntrySignatures: "strict" },
    },
  });
  if (!("output" in result)) throw new Error("there is more than one bundle");
  const [bundle, ...more] = result.output;
  if (more.length + bundle.imports.length > 0) throw new Error("there is more to load than one file");
  return bundle.code;
}

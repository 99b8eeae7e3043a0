import { hash } from "node:crypto";
import { extname } from "node:path";
import type { PublicPage, PublicPages } from "@headgate/gateway";
import { siteFiles, writeHandbook } from "@headgate/handbook";
import type { Policy } from "@headgate/policy";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** The pages that callers read, where the policy has them served. They are written when somebody first asks for one. */
export function docsPages(policy: Policy): PublicPages | undefined {
  const { path: root } = policy.docs;
  if (root === undefined) return undefined;
  let pages: ReadonlyMap<string, PublicPage> | undefined;
  return {
    at(path) {
      if (!path.startsWith(root)) return undefined;
      if (path === root) return { movedTo: `${root}/` };
      pages ??= pagesBelow(root, siteFiles(writeHandbook(policy)));
      return pages.get(path);
    },
  };
}

function pagesBelow(root: string, files: ReadonlyMap<string, string>): ReadonlyMap<string, PublicPage> {
  const pages = new Map<string, PublicPage>();
  for (const [name, text] of files) {
    const body = Buffer.from(text);
    const page = { type: TYPES[extname(name)] as string, body, tag: `"${hash("sha256", body, "base64url")}"` };
    for (const other of namesOf(name)) pages.set(`${root}/${other}`, page);
  }
  return pages;
}

/** A page is there with and without extension; as Markdown, with `.md` after either. */
function namesOf(file: string): string[] {
  if (file === "index.html") return [file, "index", ""];
  if (file.endsWith(".html")) return [file, file.slice(0, -".html".length)];
  return file.endsWith(".md") ? [file, file.replace(/\.md$/, ".html.md")] : [file];
}

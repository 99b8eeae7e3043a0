import { existsSync, globSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

/** A fenced block: ```yaml … ``` */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** The table right below it, as rows of cells; empty where there is none. */
  readonly rows: readonly (readonly string[])[];
}

/** A page of the documentation, as far as tests ask about it. */
export class Page {
  /** From the repository's root. */
  readonly path: string;
  readonly #text: string;

  constructor(path: string) {
    this.path = path;
    this.#text = readFileSync(new URL(path, root), "utf8");
  }

  get fences(): Fence[] {
    return [...this.#text.matchAll(/^```(\w*)\n((?:.*\n)*?)```\n(?:\n((?:\|.*\n)+))?/gm)].map(
      ([, language = "", text = "", table = ""]) => ({ language, text, rows: rowsOf(table) }),
    );
  }

  /** The line on which the first fenced block begins, from 1 on; Infinity where there is none. */
  get firstFenceLine(): number {
    const line = this.#text.split("\n").findIndex((text) => text.startsWith("```"));
    return line < 0 ? Number.POSITIVE_INFINITY : line + 1;
  }

  /** Everything `in backticks`. */
  get codeSpans(): string[] {
    return [...this.#prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  }

  /** What stands under a heading, up to the next one. Fails where there is no such heading. */
  textUnder(heading: string): string {
    const section = this.#prose.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`));
    if (section === undefined) throw new Error(`${this.path} has no heading "${heading}"`);
    return section;
  }

  /** The rows of the first table under a heading, without its head. Fails where there is none. */
  tableUnder(heading: string): readonly (readonly string[])[] {
    const table = /^(?:\|.*\n)+/m.exec(this.textUnder(heading))?.[0];
    if (table === undefined) throw new Error(`${this.path} has no table under "${heading}"`);
    return rowsOf(table);
  }

  /** The targets of links that stay within the repository and lead nowhere, to no file or to no heading. */
  get brokenLinks(): string[] {
    const links = [...this.#prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    return links.filter((target) => !/^[a-z]+:/.test(target) && !this.#leadsSomewhere(target));
  }

  #leadsSomewhere(target: string): boolean {
    const [file = "", heading] = target.split("#");
    const there = file === "" ? new URL(this.path, root) : new URL(file, new URL(this.path, root));
    if (!existsSync(there)) return false;
    return heading === undefined || new Page(there.href.slice(root.href.length)).#anchors.includes(heading);
  }

  /** Headings as links write them. */
  get #anchors(): string[] {
    return [...this.#prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
  }

  get #prose(): string {
    return this.#text.replace(/^```(?:.*\n)*?```\n/gm, "");
  }
}

/** Every page of the repository. */
export function allPages(): Page[] {
  return globSync("**/*.md", { cwd: root, exclude: ["**/node_modules/**", "build/**"] }).map((path) => new Page(path));
}

/** The rows of a table without its head, each cell without its backticks. */
function rowsOf(table: string): string[][] {
  const lines = table.trimEnd().split("\n").slice(2);
  return lines.map((line) => line.split("|").slice(1, -1).map(plain));
}

function plain(cell: string): string {
  const text = cell.trim();
  return /^`[^`]*`$/.test(text) ? text.slice(1, -1) : text;
}

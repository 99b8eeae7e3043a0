import { Marked, type RendererObject, type Tokens } from "marked";
import { escapedHtml } from "./html.ts";

/**
 * Markdown to HTML. Sections may be anybody's: HTML in them is shown as text, and links lead to pages, the web or mail and
 * nowhere else.
 */
export function renderMarkdown(markdown: string): string {
  const anchors = new Map<string, number>();
  const renderer: RendererObject = {
    heading({ tokens, depth, text }: Tokens.Heading): string {
      const anchor = anchorOf(text, anchors);
      return `<h${depth} id="${anchor}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
    },
    code({ text, lang = "" }: Tokens.Code): string {
      const language = LANGUAGES[lang] ?? lang;
      const label = language === "" ? "Code" : `Code: ${language}`;
      return `<figure class="code"><pre tabindex="0" aria-label="${escapedHtml(label)}"><code>${escapedHtml(text)}</code></pre></figure>\n`;
    },
    table({ header, rows }: Tokens.Table): string {
      const cells = (row: readonly Tokens.TableCell[], tag: string): string =>
        row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag.split(" ", 1)[0]}>`).join("");
      const head = `<thead><tr>${cells(header, 'th scope="col"')}</tr></thead>`;
      const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
      return `<div class="table" tabindex="0"><table>${head}\n<tbody>${body}</tbody></table></div>\n`;
    },
    link({ href, tokens }: Tokens.Link): string {
      const text = this.parser.parseInline(tokens);
      const target = targetOf(href);
      return target === undefined ? text : `<a href="${escapedHtml(target)}">${text}</a>`;
    },
    image: ({ text }: Tokens.Image): string => escapedHtml(text),
    html: ({ text }: Tokens.HTML | Tokens.Tag): string => escapedHtml(text),
  };
  return new Marked({ renderer, gfm: true }).parse(markdown, { async: false });
}

const LANGUAGES: Readonly<Record<string, string>> = {
  sh: "shell",
  bash: "shell",
  js: "JavaScript",
  python: "Python",
  http: "HTTP",
  json: "JSON",
};

/** `a-body-that-is-too-large`, with a number where there are several. */
function anchorOf(heading: string, seen: Map<string, number>): string {
  const anchor = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
  const times = seen.get(anchor) ?? 0;
  seen.set(anchor, times + 1);
  return times === 0 ? anchor : `${anchor}-${times}`;
}

/** Links between pages are to their HTML; those that would run something, or look like it, lead nowhere. */
function targetOf(href: string): string | undefined {
  if (/^(?:https?|mailto):/i.test(href)) return href;
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith("//")) return undefined;
  return href.replace(/^([\w-]+)\.md(?=#|$)/, "$1.html");
}

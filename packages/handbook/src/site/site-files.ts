import type { Handbook } from "../handbook.ts";
import { COPY_SCRIPT } from "./copy-script.ts";
import { htmlPage } from "./html-page.ts";
import { llmsFullTxt, llmsTxt } from "./llms.ts";
import { STYLE } from "./style.ts";

/** The files of a handbook's site, by name: every page as HTML and as Markdown, and what goes with them. */
export function siteFiles(handbook: Handbook): ReadonlyMap<string, string> {
  return new Map([
    ...handbook.pages.flatMap((page): [string, string][] => [
      [`${page.name}.html`, htmlPage(page, handbook)],
      [`${page.name}.md`, page.markdown],
    ]),
    ["llms.txt", llmsTxt(handbook)],
    ["llms-full.txt", llmsFullTxt(handbook)],
    ["style.css", STYLE],
    ["copy.js", COPY_SCRIPT],
  ]);
}

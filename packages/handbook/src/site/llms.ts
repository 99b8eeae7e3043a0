import type { Handbook } from "../handbook.ts";
import { blocks, escaped, list } from "../markdown.ts";

/** The list of pages for readers that are machines, in the form of https://llmstxt.org. */
export function llmsTxt({ title, pages }: Handbook): string {
  const links = pages.map((page) => `[${escaped(page.title)}](${page.name}.md): ${escaped(page.summary)}`);
  return `${blocks(
    `# ${escaped(title)}: rate limits`,
    "> The limits that callers of this API are held to, the headers that tell them where they stand, and what to do on a refusal.",
    "Everything below in one text: [llms-full.txt](llms-full.txt).",
    "## Pages",
    list(links),
  )}\n`;
}

/** All pages, one after the other. */
export function llmsFullTxt({ title, pages }: Handbook): string {
  return `${blocks(`<!-- ${title.replaceAll("--", "- -")}: rate limits -->`, ...pages.map(({ markdown }) => markdown.trim()))}\n`;
}

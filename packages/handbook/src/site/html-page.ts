import type { Handbook } from "../handbook.ts";
import type { Page } from "../page.ts";
import { escapedHtml } from "./html.ts";
import { renderMarkdown } from "./render-markdown.ts";

const GENERATED_BY = '<meta name="generator" content="Headgate">';

/** Whether a text is a page as HTML that was written here, by whatever policy. */
export function isGeneratedPage(html: string): boolean {
  return html.includes(GENERATED_BY);
}

/** A page as HTML. Style and script are files beside it; everything is there to read without the latter. */
export function htmlPage(page: Page, { title, pages }: Handbook): string {
  const links = pages.map(
    ({ name, title }) =>
      `<li><a href="${name}.html"${name === page.name ? ' aria-current="page"' : ""}>${escapedHtml(title)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapedHtml(`${page.title} · ${title}`)}</title>
${GENERATED_BY}
<meta name="description" content="${escapedHtml(page.summary)}">
<link rel="stylesheet" href="style.css">
<link rel="alternate" type="text/markdown" href="${page.name}.md">
<script src="copy.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<div class="frame">
<nav aria-label="Pages">
<p>${escapedHtml(title)}</p>
<ul>
${links.join("\n")}
</ul>
</nav>
<main id="content">
${renderMarkdown(page.markdown)}<footer>This page as <a href="${page.name}.md">Markdown</a>; all pages as <a href="llms-full.txt">one text</a>, and <a href="llms.txt">a list of them</a>.</footer>
</main>
</div>
</body>
</html>
`;
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { siteFiles, writeHandbook } from "../src/index.ts";
import { renderMarkdown } from "../src/site/render-markdown.ts";
import { policyNamed, policyOf, SYSTEMS } from "./policy-of.ts";

const EVIL = `<script>alert("1")</script>`;

describe("what is written in a policy is shown as it is", () => {
  const site = siteFiles(
    writeHandbook(
      policyOf({
        title: `${EVIL} & co`,
        callers: { "api-key": { header: "x-key" } },
        endpoints: { evil: "/a/{b}" },
        limits: [
          {
            name: "a",
            match: { plan: ["<b>"], headers: { "x-a": "`|<i>" } },
            per: ["api-key", "endpoint"],
            quota: 9,
            window: "1m",
          },
        ],
        responses: { limited: { body: `${EVIL} \`\`\`\n` } },
        docs: {
          contact: "a*b*<u>",
          limits: { a: `[x](javascript:x) | ${EVIL}` },
          endpoints: { evil: "&lt;" },
        },
      }),
    ),
  );

  test("and never as HTML", () => {
    for (const [name, text] of site) {
      if (name.endsWith(".html"))
        expect(text.replace('<script src="copy.js" defer></script>', "")).not.toMatch(/<(script|b|i|u)>/);
    }
    expect(site.get("index.html")).toContain(
      "<title>Rate limits · &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; co</title>",
    );
    expect(site.get("index.html")).toContain("<code>x-a: `|&lt;i&gt;</code>");
    expect(site.get("index.html")).toContain("&amp;lt;");
  });

  test("and makes no links", () => {
    expect(site.get("index.html")).toContain("[x](javascript:x) | &lt;script&gt;");
    for (const text of site.values()) expect(text).not.toMatch(/href="javascript/);
  });
});

describe("Markdown of sections", () => {
  test.each([
    ["<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"],
    ["[x](javascript:alert(1))", "<p>x</p>"],
    ["[x](JaVaScript:alert(1))", "<p>x</p>"],
    ["[x](data:text/html,x)", "<p>x</p>"],
    ["[x](//example.com)", "<p>x</p>"],
    ["![x](http://example.com/x.png)", "<p>x</p>"],
    ['[x](https://example.com/?a=1&b="2")', '<p><a href="https://example.com/?a=1&amp;b=&quot;2&quot;">x</a></p>'],
    ["[x](headers.md#example)", '<p><a href="headers.html#example">x</a></p>'],
    ["## A & b\n\n## A & b", '<h2 id="a--b">A &amp; b</h2>\n<h2 id="a--b-1">A &amp; b</h2>'],
  ])("%j becomes %j", (markdown, html) => {
    expect(renderMarkdown(markdown).trim()).toBe(html);
  });

  test("whatever it holds, there is no script in it", () => {
    const pieces = fc.constantFrom(
      "<",
      ">",
      "script",
      "onload=",
      "[",
      "](",
      ")",
      "javascript:",
      "`",
      "\n",
      '"',
      "&#",
      "x",
      "\\",
      "#",
      "|",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const html = renderMarkdown(parts.join(""));
        expect(html).not.toMatch(/<script|href="(?!https?:|mailto:)[a-z]+:/i);
        for (const [, tag = ""] of html.matchAll(/<(\w+)/g)) expect(TAGS).toContain(tag);
      }),
    );
  });
});

const TAGS =
  "a blockquote br code del div em figure h1 h2 h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul".split(
    " ",
  );

describe.each(SYSTEMS)("the site of %s", (name) => {
  const handbook = writeHandbook(policyNamed(name));
  const site = siteFiles(handbook);

  test("has every page as HTML and as Markdown", () => {
    for (const { name, markdown } of handbook.pages) {
      expect(site.get(`${name}.md`)).toBe(markdown);
      expect(site.get(`${name}.html`)).toMatch(/^<!doctype html>\n/);
    }
  });

  test("links to what is there", () => {
    for (const [file, text] of site) {
      if (!/\.(html|txt)$/.test(file)) continue;
      const links = file.endsWith(".html")
        ? text.matchAll(/(?:href|src)="([^"]*)"/g)
        : text.matchAll(/\]\(([^)\s]*)\)/g);
      for (const [, target = ""] of links) {
        if (/^(https?|mailto):/.test(target)) continue;
        const [page, anchor] = target.split("#");
        const there = page === "" ? text : site.get(page as string);
        expect(there, `${file}: ${target}`).toBeDefined();
        if (anchor !== undefined && !page?.endsWith(".md")) expect(there).toContain(`id="${anchor}"`);
      }
    }
  });

  test("has an index for machines, and everything in one text", () => {
    const index = site.get("llms.txt") as string;
    expect(index).toMatch(/^# .+\n\n> .+\n\n(?:.+\n\n)?## Pages\n\n(?:- \[.+\]\(.+\.md\): .+\n)+$/);
    for (const { name, markdown } of handbook.pages) {
      expect(index).toContain(`(${name}.md)`);
      expect(site.get("llms-full.txt")).toContain(markdown.trim());
    }
  });
});

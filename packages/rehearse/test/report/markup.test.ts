import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "../../src/report/markup.ts";

test("what is put in is text, in an element and in an attribute", () => {
  const text = `<b title="x">'&'</b>`;
  expect(html`<p title="${text}">${text}</p>`.toString()).toBe(
    '<p title="&lt;b title=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;">&lt;b title=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;</p>',
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(html`${text}`.toString()).not.toMatch(/[<>"']/);
    }),
  );
});

test("what is HTML already stays so, alone and in lists", () => {
  const items = ["a", "<b>"].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${7}`.toString()).toBe("<ul><li>a</li>\n<li>&lt;b&gt;</li></ul>7");
});

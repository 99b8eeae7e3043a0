import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Page } from "./page.ts";

const page = new Page("README.md");

test.each([
  { language: "js", file: "first-minute.mjs" },
  { language: "python", file: "first-minute.py" },
])("the README shows $file of the examples as it is", ({ language, file }) => {
  const example = readFileSync(new URL(`../../examples/events/${file}`, import.meta.url), "utf8");
  expect(page.fences.filter((fence) => fence.language === language).map(({ text }) => text)).toContain(example);
});

import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { siteFiles, writeHandbook } from "@headgate/handbook";
import { loadPolicy, type Policy } from "@headgate/policy";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyFile, serveAt } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const CHROMIUM = "/usr/bin/chromium";
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.warn(`pages are not looked at in a browser: install chromium, for ${CHROMIUM}`);

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SYSTEMS = ["logproof", "initial-state", "keymint", "measurabl", "prolifi"];
const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 900 };

/** A site in a folder of its own: the URLs of its pages. */
async function siteOf(name: string): Promise<string[]> {
  const folder = join(await temporaryFolder(), name);
  await mkdir(folder);
  const { policy } = loadPolicy(readFileSync(policyFile(name), "utf8"));
  const handbook = writeHandbook(policy as Policy);
  for (const [file, text] of siteFiles(handbook)) await writeFile(join(folder, file), text);
  return handbook.pages.map((page) => pathToFileURL(join(folder, `${page.name}.html`)).href);
}

describe.runIf(hasBrowser)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(() => browser.close());

  /** Has something asked of every page, as a reader with these settings has it. */
  async function onEach<Answer>(
    urls: readonly string[],
    options: BrowserContextOptions,
    ask: (page: Page) => Promise<Answer>,
  ): Promise<Answer[]> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const answers: Answer[] = [];
    for (const url of urls) {
      await page.goto(url);
      answers.push(await ask(page));
    }
    await context.close();
    return answers;
  }

  test.each(SYSTEMS)("the pages of %s have nothing that keeps anybody from reading them", async (name) => {
    const urls = await siteOf(name);
    for (const options of [
      { colorScheme: "light", viewport: WIDE },
      { colorScheme: "dark", viewport: NARROW },
    ] as const) {
      const violations = await onEach(urls, options, async (page) => {
        await page.evaluate(AXE);
        return page.evaluate(async () => {
          const { violations } = await (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run();
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
        });
      });
      expect(violations.flat()).toEqual([]);
    }
  });

  test.each(SYSTEMS)("the pages of %s fit on a telephone", async (name) => {
    const widths = await onEach(await siteOf(name), { viewport: NARROW }, (page) =>
      page.evaluate<number>("document.documentElement.scrollWidth"),
    );
    expect(new Set(widths)).toEqual(new Set([NARROW.width]));
  });

  test("say the same without scripts", async () => {
    const urls = await siteOf("logproof");
    const textOf = (page: Page) => page.locator("main").textContent();
    const without = await onEach(urls, { javaScriptEnabled: false }, textOf);
    const having = await onEach(urls, {}, textOf);
    expect(having.map((text) => text?.replaceAll("Copy\n", "\n"))).toEqual(without);
  });

  test("are allowed their style and script, as the gate serves them, and give code to copy", async () => {
    const { url } = await serveAt(Date.now(), "prolifi");
    const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"], viewport: WIDE });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(`${url}/api-guides/handling`);
    expect(await page.evaluate('getComputedStyle(document.querySelector("nav")).position')).toBe("sticky");
    const block = page.locator(".code").first();
    await block.hover();
    await block.getByRole("button", { name: "Copy" }).click();
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toBe(await block.locator("code").textContent());
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** What axe-core finds wrong, as far as it is read here. */
interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compare } from "../../src/report/comparison.ts";
import { htmlReport } from "../../src/report/html-report.ts";
import { findChromium } from "./chromium.ts";
import { HOSTILE, NOTHING, SAMPLE } from "./sample-rehearsal.ts";

const policy = "stricter.yaml";
const against = { policy: HOSTILE, comparison: compare(NOTHING, SAMPLE) };
const HOSTILE_REHEARSAL = {
  ...SAMPLE,
  title: HOSTILE,
  limits: SAMPLE.limits.map((limit) => ({ ...limit, name: HOSTILE })),
  callers: SAMPLE.callers.map((caller) => ({ ...caller, kind: HOSTILE, value: HOSTILE })),
  endpoints: SAMPLE.endpoints.map((endpoint) => ({ ...endpoint, endpoint: HOSTILE })),
  log: { ...SAMPLE.log, files: [HOSTILE], faults: [{ kind: "empty", count: 1, examples: [example()] } as const] },
  notes: [HOSTILE],
};

const NAMED_AT_LENGTH = {
  ...SAMPLE,
  limits: SAMPLE.limits.map((limit) => ({ ...limit, name: "a".repeat(64) })),
  callers: SAMPLE.callers.map((caller) => ({ ...caller, value: "a1b2c3d4".repeat(8) })),
};

function example(): { file: string; line: number; why: string } {
  return { file: HOSTILE, line: 1, why: HOSTILE };
}

test("the page has nothing of what a log holds as markup", () => {
  const page = htmlReport({ policy, rehearsal: HOSTILE_REHEARSAL, against });
  expect(page).not.toContain("<script");
  expect(page).not.toContain("\u001b");
  expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
});

test("the page needs nothing from elsewhere", () => {
  const page = htmlReport({ policy, rehearsal: SAMPLE, against });
  expect(page).not.toMatch(/\b(src|href)=|url\(|@import/);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
});

test("the page says of what it is, and begins with what changes", () => {
  const page = htmlReport({ policy, rehearsal: SAMPLE, against: { ...against, policy: "live.yaml" } });
  expect(page).toContain("<p>Rehearsal of stricter.yaml against live.yaml, with 1,204,345 lines of access.log</p>");
  const headings = [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
  expect(headings[0]).toBe("What changes from live.yaml to stricter.yaml");
  expect(headings.indexOf("stricter.yaml by itself")).toBeLessThan(headings.indexOf("By limit"));
});

test("the page of nothing has no numbers, and warns", () => {
  const page = htmlReport({ policy, rehearsal: NOTHING });
  expect(page).toContain('<p class="warning">Nothing was rehearsed: no request could be read from access.log.');
  expect(page).not.toMatch(/<table|<dl/);
});

test("charts have their meaning in words", () => {
  expect(htmlReport({ policy, rehearsal: SAMPLE })).toContain(
    'aria-label="Requests over time, in steps of 15m from 2026-01-05 00:00:00Z to 2026-01-06 00:00:00Z: ' +
      '1,200,000 admitted, 6,111 refused; at most 21,500 in a step, from 2026-01-05 15:00:00Z."',
  );
});

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath as string, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  const reports = { SAMPLE, NOTHING, HOSTILE_REHEARSAL };

  async function open(html: string, colorScheme: "light" | "dark", width = 1100): Promise<Page> {
    // The page forbids scripts; the one that looks at it is the test's own.
    const page = await browser.newPage({ colorScheme, bypassCSP: true, viewport: { width, height: 900 } });
    await page.setContent(html);
    return page;
  }

  test.each(["light", "dark"] as const)("nothing stands in the way of anybody: %s", async (colorScheme) => {
    for (const rehearsal of Object.values(reports)) {
      const page = await open(htmlReport({ policy, rehearsal, against }), colorScheme);
      await page.evaluate(axe.source);
      const violations = await page.evaluate("axe.run().then(({ violations }) => violations)");
      expect(violations).toEqual([]);
      await page.close();
    }
  });

  test.each([320, 1100])("a name is readable to its end in a window of %d pixels", async (width) => {
    const long = { policy, rehearsal: NAMED_AT_LENGTH };
    const page = await open(htmlReport(long), "light", width);
    const isCut = "[...document.querySelectorAll('tbody th, .label')].some((e) => e.scrollWidth > e.clientWidth)";
    expect(await page.evaluate(isCut)).toBe(false);
    await page.close();
  });

  test.each([320, 1100])("nothing is wider than a window of %d pixels", async (width) => {
    const page = await open(htmlReport({ policy, rehearsal: HOSTILE_REHEARSAL, against }), "light", width);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    await page.close();
  });
});

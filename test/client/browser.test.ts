import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bundleOf } from "../../packages/client/test/bundle.ts";
import { startLimitedApi } from "../../packages/client/test/pacing/limited-api.ts";

const CHROMIUM = "/usr/bin/chromium";
const hasChromium = existsSync(CHROMIUM);
if (!hasChromium) console.warn("Browser tests are skipped: install Chromium (apt-get install chromium)");

/** A page with a client. */
async function pageOfClient(): Promise<string> {
  const script = await bundleOf(`import * as client from "./index.ts"; globalThis.client = client;`);
  return `<!doctype html><title>tab</title><link rel="icon" href="data:,"><script type="module">${script.replaceAll("</script", "<\\/script")}</script>`;
}

describe.skipIf(!hasChromium)("in a real browser", () => {
  let browser: Browser;
  let page = "";
  beforeAll(async () => {
    page = await pageOfClient();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  /** Opens tabs of one window, each with a client of its own. */
  async function openTabs(url: string, count: number) {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    return Promise.all(
      Array.from({ length: count }, async () => {
        const tab = await context.newPage();
        await tab.goto(`${url}page`);
        return tab;
      }),
    );
  }

  test("three tabs that share a gate send together what one might, and none is left out", async () => {
    const { url, counts } = await startLimitedApi(page);
    const tabs = await openTabs(url, 3);
    const statuses = await Promise.all(
      tabs.map((tab) =>
        tab.evaluate(`(async () => {
          const api = client.obey(fetch, { share: client.shareAcrossTabs() });
          const calls = Array.from({ length: 12 }, async () => (await api(location.origin + "/thing")).status);
          return Promise.all(calls);
        })()`),
      ),
    );
    expect(statuses.flat()).toEqual(Array(36).fill(200));
    expect(counts.admitted).toBe(36);
    expect(counts.refused).toBeLessThanOrEqual(2);
  });

  test("a call that waits is given up at once", async () => {
    const { url } = await startLimitedApi(page);
    const [tab] = await openTabs(url, 1);
    const outcome = await tab?.evaluate(`(async () => {
      const api = client.obey(fetch, { concurrency: 1 });
      const leaving = new AbortController();
      const first = api(location.origin + "/thing");
      const second = api(location.origin + "/thing", { signal: leaving.signal });
      leaving.abort(new Error("changed my mind"));
      return second.then(() => "sent", (error) => error.message);
    })()`);
    expect(outcome).toBe("changed my mind");
  });
});

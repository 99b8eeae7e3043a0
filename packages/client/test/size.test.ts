import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { bundleOf } from "./bundle.ts";

const ENTRIES = ["index", "cache/index", "batch/index", "webhooks/index", "events/index"];

describe("minified, gzipped, and with nothing else to load, it takes no more than its share", () => {
  test.each([
    ["@headgate/client, all of it,", 'export * from "./index.ts"', 12],
    ["obey alone", 'export { obey } from "./index.ts"', 10.3],
    ["obey with its cache", 'export * from "./index.ts"; export { ResponseCache } from "./cache/index.ts"', 14.9],
    ["@headgate/client/cache", 'export * from "./cache/index.ts"', 4.5],
    ["@headgate/client/batch", 'export * from "./batch/index.ts"', 5.5],
    ["@headgate/client/webhooks", 'export * from "./webhooks/index.ts"', 2],
    ["@headgate/client/events, which has all of this,", 'export * from "./events/index.ts"', 19.7],
  ])("%s", async (_, code, kilobytes) => {
    expect(gzipSync(await bundleOf(code), { level: 9 }).length / 1024).toBeLessThan(kilobytes);
  });
});

test("who imports one thing does not load what else there is", async () => {
  expect(await bundleOf('export { obey } from "./index.ts"')).not.toMatch(/BroadcastChannel|HG_BATCH|must-revalidate/);
  expect(await bundleOf('export * from "./webhooks/index.ts"')).not.toMatch(/retry-after|HG_BATCH/);
});

test.each(ENTRIES)("who imports %s for nothing loads nothing", async (entry) => {
  expect((await bundleOf(`import "./${entry}.ts"`)).trim()).toBe("");
});

test.each(ENTRIES)("%s needs nothing that only Node has", async (entry) => {
  expect(await bundleOf(`export * from "./${entry}.ts"`)).not.toMatch(/\bprocess\.|\bBuffer\b|node:|setImmediate/);
});

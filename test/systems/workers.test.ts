import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { askAtOnce } from "./ask-at-once.ts";
import { serve, startUpstream } from "./harness.ts";

test("two workers admit of 10 000 requests at once exactly the quota of 100", async () => {
  const upstream = await startUpstream();
  const policy = join(await temporaryFolder(), "policy.yaml");
  await writeFile(policy, "headgate: 1\nlimits: [{ name: all, per: [], quota: 100, window: 1h }]\n");
  const { url } = await serve(policy, upstream.url, { workers: 2 });
  expect(await askAtOnce(url, 10_000)).toEqual({ 200: 100, 429: 9_900 });
  expect(upstream.received).toHaveLength(100);
});

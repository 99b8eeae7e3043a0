import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { bearer, issueKey } from "./admin.ts";
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

/** A connection each, which the kernel gives to any of the workers. */
const fresh = { connection: "close" };

test("no worker answers 304 for a page that has changed, from the moment that the change is answered", async () => {
  const policy = join(await temporaryFolder(), "policy.yaml");
  const callers = "credentials: managed\ncallers: { api-key: { bearer: true } }\n";
  await writeFile(policy, `headgate: 1\nupstream: builtin:events\n${callers}limits: []\n`);
  const served = await serve(policy, undefined, { workers: 2 });
  const { authorization } = bearer(await issueKey(served));
  const page = `${served.url}/v1/events?limit=1`;
  const polls = (tag: string): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 12 }, async () => {
        const response = await fetch(page, { headers: { authorization, "if-none-match": tag, ...fresh } });
        await response.arrayBuffer();
        return response.status;
      }),
    );
  for (let round = 0; round < 10; round++) {
    const shown = await fetch(page, { headers: { authorization } });
    await shown.arrayBuffer();
    const tag = shown.headers.get("etag") as string;
    expect(new Set(await polls(tag))).toEqual(new Set([304]));
    const body = JSON.stringify({ type: "user.login", metadata: { round } });
    const headers = { authorization, "content-type": "application/json", ...fresh };
    expect((await fetch(`${served.url}/v1/events`, { method: "POST", headers, body })).status).toBe(200);
    expect(new Set(await polls(tag))).toEqual(new Set([200]));
  }
});

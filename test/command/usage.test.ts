import { expect, test } from "vitest";
import { policyFile, serve, startUpstream } from "../systems/harness.ts";
import { onFolder } from "./on-folder.ts";

interface Usage {
  readonly items: readonly { limit: string; used: number; remaining: number }[];
}

test("usage shows what an account has used, and sets a counter back", async () => {
  const upstream = await startUpstream();
  const { url, data } = await serve(policyFile("initial-state"), upstream.url);
  const { json, quiet, run } = await onFolder(data);
  const [secret] = await quiet("keys", "create", "--account", "A");
  for (let i = 0; i < 3; i++)
    await fetch(`${url}/api/events`, { method: "POST", headers: { "x-is-accesskey": `${secret}` } });

  const { items } = await json<Usage>("usage", "A");
  const counter = items.find(({ used }) => used === 3);
  expect(counter).toBeDefined();
  expect((await run("usage", "A")).stdout).toMatch(new RegExp(`^limit +counted by.*\n(.*\n)*${counter?.limit} .* 3 `));

  const lines = (await quiet("usage", "A")).map((line) => line.split("\t"));
  expect(lines).toContainEqual([counter?.limit, "3", expect.stringMatching(/^\d+$/), expect.any(String)]);

  const reset = await run("usage", "A", "--reset", counter?.limit ?? "");
  expect(reset.stdout).toMatch(new RegExp(`${counter?.limit} .* 0 `));
  const after = await json<Usage>("usage", "A");
  expect(after.items.find(({ limit }) => limit === counter?.limit)).toMatchObject({ used: 0 });
});

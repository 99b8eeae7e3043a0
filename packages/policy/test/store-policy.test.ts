import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEFAULT_REDIS, loadPolicy, type Policy } from "../src/index.ts";

function load(text: string): Policy {
  const { policy, problems } = loadPolicy(text);
  expect(problems).toEqual([]);
  return policy as Policy;
}

const storeOf = (store: string) => load(`headgate: 1\nupstream: http://127.0.0.1:3000\nlimits: []\n${store}`).store;

describe("the store", () => {
  const policy = load(readFileSync(new URL("fixtures/good/redis.yaml", import.meta.url), "utf8"));

  test("in Redis is compiled whole", () => {
    expect(policy.store).toEqual({
      kind: "redis",
      url: "rediss://:secret@redis.example.com:6380/1",
      mode: "leased",
      budgetMs: 20,
      prefix: "shop",
    });
  });

  test("that fails is each limit's own affair", () => {
    const modes = policy.limits.map(({ limit, onStoreError }) => [limit.name, onStoreError]);
    expect(Object.fromEntries(modes)).toEqual({ reads: "allow", writes: "local", logins: "deny", exports: "allow" });
  });

  test("is nowhere, in memory, or in Redis as usual, as the file says", () => {
    expect(storeOf("")).toBeUndefined();
    expect(storeOf("store: {}")).toBeUndefined();
    expect(storeOf("store: { memory: {} }")).toEqual({ kind: "memory" });
    expect(storeOf("store: { redis: {} }")).toEqual(DEFAULT_REDIS);
  });

  test.each([
    "redis://127.0.0.1",
    "rediss://user:secret@redis.example.com:6380/2",
    "redis+sentinel://a,b:26379/main",
    "rediss+cluster://a,b",
    "redis://[::1]:6379",
  ])("may be at %s", (url) => {
    expect(storeOf(`store: { redis: { url: "${url}" } }`)).toEqual({ ...DEFAULT_REDIS, url });
  });

  test("has a password that no problem repeats", () => {
    const { problems } = loadPolicy('headgate: 1\nlimits: []\nstore: { redis: { url: "rdis://:secret@a" } }');
    expect(problems).toMatchObject([{ code: "HG_POLICY_URL" }]);
    expect(JSON.stringify(problems)).not.toContain("secret");
  });
});

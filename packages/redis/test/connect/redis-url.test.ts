import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRedisUrl } from "../../src/connect/redis-url.ts";

const PLAIN = { kind: "server", login: {}, sentinelLogin: {}, masterName: "", database: 0, tls: undefined };
const at = (host: string, port: number) => ({ host, port });

describe("a URL says where Redis is, and how to be let in", () => {
  test.for([
    ["redis://cache", { addresses: [at("cache", 6379)] }],
    ["redis://cache:7000/3", { addresses: [at("cache", 7000)], database: 3 }],
    ["redis://cache/", { addresses: [at("cache", 6379)] }],
    ["redis://[::1]:7000", { addresses: [at("::1", 7000)] }],
    ["redis://:p%40ss@cache", { addresses: [at("cache", 6379)], login: { password: "p@ss" } }],
    ["redis://:p@s:s@cache", { addresses: [at("cache", 6379)], login: { password: "p@s:s" } }],
    ["redis://me:pass@cache", { addresses: [at("cache", 6379)], login: { username: "me", password: "pass" } }],
    ["rediss://cache", { addresses: [at("cache", 6379)], tls: {} }],
    ["redis+cluster://a,b:7001", { kind: "cluster", addresses: [at("a", 6379), at("b", 7001)] }],
    ["rediss+cluster://a", { kind: "cluster", addresses: [at("a", 6379)], tls: {} }],
    [
      "redis+sentinel://a,b:7001/main/2",
      { kind: "sentinel", addresses: [at("a", 26379), at("b", 7001)], masterName: "main", database: 2 },
    ],
    [
      "redis+sentinel://:pass@a/my%20main?sentinel-password=word",
      {
        kind: "sentinel",
        addresses: [at("a", 26379)],
        masterName: "my main",
        login: { password: "pass" },
        sentinelLogin: { password: "word" },
      },
    ],
  ] as const)("%s", ([url, meaning]) => {
    expect(parseRedisUrl(url)).toEqual({ ...PLAIN, ...meaning });
  });

  test("and which files hold the certificates", () => {
    // Any file will do: what is in it is for TLS to judge.
    const file = import.meta.filename;
    const bytes = readFileSync(file);
    const { tls } = parseRedisUrl(`rediss://cache?ca=${encodeURIComponent(file)}&cert=${file}&key=${file}`);
    expect(tls).toEqual({ ca: bytes, cert: bytes, key: bytes });
  });
});

describe("a URL that says something else is refused, with what is wrong", () => {
  test.for([
    ["cache:6379", "not a Redis URL"],
    ["http://cache", "not a Redis URL"],
    ["redis://", "no host where one should be"],
    ["redis://cache:0", "no host where one should be"],
    ["redis://cache:65536", "no host where one should be"],
    ["redis://cache:port", "no host where one should be"],
    ["redis://a,b", "several hosts"],
    ["redis+cluster://a,,b", "no host where one should be"],
    ["redis://me@cache", "a user without a password"],
    ["redis://:50%@cache", "%25"],
    ["redis://:p/ss@cache", "an @ after the host"],
    ["redis://:p?ss@cache", "an @ after the host"],
    ["redis://cache/three", "not a number"],
    ["redis://cache/1/2", "not a number"],
    ["redis+cluster://cache/1", "no databases"],
    ["redis+sentinel://cache", "no name of a master"],
    ["redis://cache?ca=file", "ca is not known here"],
    ["redis://cache?sentinel-password=word", "sentinel-password is not known here"],
    ["rediss://cache?verify=no", "verify is not known here"],
    ["rediss://cache?ca=/nowhere/ca.pem", "/nowhere/ca.pem"],
  ] as const)("%s", ([url, words]) => {
    expect(() => parseRedisUrl(url)).toThrow(
      expect.objectContaining({ code: "HG_REDIS_URL", message: expect.stringContaining(words) }),
    );
  });

  test("but never with the password", () => {
    const secret = fc.string({ minLength: 1, unit: fc.constantFrom(..."@:/?#&=%,ab ") }).map((text) => `s3cr${text}3t`);
    fc.assert(
      fc.property(secret, fc.constantFrom("redis", "rediss", "redis+sentinel", "http"), (password, scheme) => {
        for (const url of [
          `${scheme}://me:${password}@ca che/x/y`,
          `${scheme}://a b/x?sentinel-password=${password}`,
        ]) {
          let message = "";
          try {
            parseRedisUrl(url);
          } catch (error) {
            message = (error as Error).message;
          }
          expect(message).not.toBe("");
          expect(message).not.toMatch(/s3cr|3t/);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalisePath, normalisePattern } from "../src/normalise-path.ts";

describe("a path has one way to be written", () => {
  test.each([
    ["/", "/"],
    ["/v1/events", "/v1/events"],
    ["/v1/events/", "/v1/events/"],
    ["//v1///events//", "/v1/events/"],
    ["/v1/./events/.", "/v1/events/"],
    ["/v1/x/../events", "/v1/events"],
    ["/v1/x/%2e%2E/events", "/v1/events"],
    ["/v1/%65vents", "/v1/events"],
    ["/v1/a%3ab", "/v1/a%3Ab"],
    ["/v1/a:b@c=d,e", "/v1/a:b@c=d,e"],
    ["/v1/{id}", "/v1/%7Bid%7D"],
    ["/v1/%7bid%7d", "/v1/%7Bid%7D"],
    ["/caf\xc3\xa9", "/caf%C3%A9"],
    ["/.well-known/x", "/.well-known/x"],
    ["/a/..b/...", "/a/..b/..."],
    ["/a/..", "/"],
    ["/%252e%252e/x", "/%252e%252e/x"],
  ])("%s becomes %s", (path, normal) => {
    expect(normalisePath(path)).toBe(normal);
  });
});

describe("a path that servers read differently is refused", () => {
  test.each([
    "/../etc/passwd",
    "/%2e%2e/etc/passwd",
    "/a/../../b",
    "/a%2fb",
    "/a%2Fb",
    "/a\\b",
    "/a%5cb",
    "/a%00b",
    "/a%0ab",
    "/a%7f",
    "/a\x01b",
    "/a%",
    "/a%4",
    "/a%zz",
    "/a#b",
    "/a;b=c",
    "/a%3bb",
    "/a%3B",
  ])("%j", (path) => {
    expect(normalisePath(path)).toBeUndefined();
  });
});

describe("whatever the path", () => {
  const paths = fc
    .array(fc.constantFrom("/", ".", "..", "%2e", "%2E%2e", "%41", "a", "B", "%3a", ":", "{", "\xe9", "//", "%c3"))
    .map((parts) => `/${parts.join("")}`);

  test("normalising twice changes nothing more", () => {
    fc.assert(
      fc.property(paths, (path) => {
        const once = normalisePath(path);
        if (once !== undefined) expect(normalisePath(once)).toBe(once);
      }),
    );
  });

  test("what comes out has no dot segments, no empty ones, and only upper-case escapes", () => {
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalisePath(path);
        if (normal === undefined) return;
        expect(normal).toMatch(/^\//);
        expect(normal).not.toMatch(/\/\/|\/\.{1,2}(?:\/|$)|%[0-9A-F]?[a-f]/);
        expect(normal).not.toMatch(/%(?:2D|2E|5F|7E|3[0-9]|[46][1-9A-F]|[57][0-9A])/);
      }),
    );
  });

  test("a URL parser agrees on where it leads", () => {
    fc.assert(
      fc.property(paths, (path) => {
        const normal = normalisePath(path);
        if (normal === undefined || path.includes("//")) return;
        const parsed = new URL(`http://h${normal}`).pathname;
        expect(parsed).toBe(normal);
      }),
    );
  });
});

describe("a pattern of paths", () => {
  test.each([
    ["/v1//x", "/v1/x"],
    ["/a/../b", "/b"],
    ["/%61/{id}", "/a/{id}"],
    ["/{é}/é/**", "/{é}/%C3%A9/**"],
    ["/v1/*/./{id}.json", "/v1/*/{id}.json"],
    ["/%c3%a9", "/%C3%A9"],
    ["/%6*", "/%6*"],
    ["/%e{x}", "/%E{x}"],
    ["/a%*0", "/a%*0"],
    ["/%2%*", undefined],
    ["/v1/a%2Fb", undefined],
    ["/v1/a;b", undefined],
    ["/..", undefined],
  ])("%s is written %s", (pattern, normal) => {
    expect(normalisePattern(pattern)).toBe(normal);
  });

  test("that is a path in its normal form, with a wildcard for a part of a segment, is as it is", () => {
    const parts = fc.constantFrom("/", ".", "%c3%a9", "%20", "%7B", "a", "B", "*", "4", "é");
    const path = fc.array(parts, { minLength: 1 }).map((segments) => normalisePath(`/a${segments.join("")}`));
    fc.assert(
      fc.property(path, fc.nat(), fc.nat(12), fc.constantFrom("*", "{x}"), (normal, from, length, wildcard) => {
        if (normal === undefined) return;
        const start = 1 + (from % normal.length);
        const [part = ""] = /^[^/]*/.exec(normal.slice(start, start + length)) ?? [];
        const pattern = normal.slice(0, start) + wildcard + normal.slice(start + part.length);
        expect(normalisePattern(pattern)).toBe(pattern);
      }),
    );
  });

  test("without wildcards is normalised as a path is", () => {
    const parts = fc.constantFrom("/", ".", "..", "%2e", "%41", "a", "B", "%3a", ":", ";", "|", "%2f", "%c3%a9", "%");
    fc.assert(
      fc.property(fc.array(parts), (segments) => {
        const path = `/${segments.join("")}`;
        expect(normalisePattern(path)).toBe(normalisePath(path));
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob, globFault } from "../src/glob.ts";

function matches(pattern: string, path: string): boolean {
  return compileGlob(pattern).regExp.test(path);
}

/** The rules again, as slowly and plainly as can be. */
function matchesPlainly(pattern: string, path: string): boolean {
  const wanted = pattern.replace(/\/+$/, "").split("/").slice(1);
  const found = path.replace(/\/+$/, "").split("/").slice(1);
  const segments = (w: readonly string[], f: readonly string[]): boolean => {
    if (w.length === 0) return f.length === 0;
    const [first = "", ...rest] = w;
    if (first === "**") return f.some((_, i) => segments(rest, f.slice(i))) || segments(rest, []);
    const [segment, ...others] = f;
    if (segment === undefined) return false;
    return (first === "*" ? segment !== "" : letters(first, segment)) && segments(rest, others);
  };
  const letters = (w: string, f: string): boolean => {
    if (w === "") return f === "";
    if (w[0] === "*") return letters(w.slice(1), f) || (f !== "" && letters(w, f.slice(1)));
    if (w[0] === "{") {
      const rest = w.slice(w.indexOf("}") + 1);
      return Array.from(f).some((_, i) => letters(rest, f.slice(i + 1)));
    }
    return w[0] === f[0] && letters(w.slice(1), f.slice(1));
  };
  return segments(wanted, found);
}

const patterns = fc
  .array(fc.oneof(fc.constant("**"), fc.stringMatching(/^(a|b|\*|\{id\}){1,4}$/), fc.constant("*")), { maxLength: 5 })
  .map((segments) => `/${segments.join("/")}`)
  .filter((pattern) => globFault(pattern) === undefined);
const paths = fc.array(fc.stringMatching(/^[ab]{0,4}$/), { maxLength: 6 }).map((segments) => `/${segments.join("/")}`);

describe("a glob", () => {
  test("matches what the rules say and nothing else", () => {
    fc.assert(
      fc.property(patterns, paths, (pattern, path) => {
        expect(matches(pattern, path)).toBe(matchesPlainly(pattern, path));
      }),
      { numRuns: 5000 },
    );
  });

  test("without ** never matches a path of another depth", () => {
    const flat = patterns.filter((pattern) => !pattern.includes("**"));
    const depth = (path: string) => path.replace(/\/+$/, "").split("/").length;
    fc.assert(
      fc.property(flat, paths, (pattern, path) => {
        if (matches(pattern, path)) expect(depth(path)).toBe(depth(pattern));
      }),
    );
  });

  test.each([
    ["/v1/**", "/v1", true],
    ["/v1/**", "/v1/", true],
    ["/v1/**", "/v1/a/b", true],
    ["/v1/**", "/v10", false],
    ["/v1/**", "/V1/a", false],
    ["/v1/*", "/v1", false],
    ["/v1/*", "/v1/a/", true],
    ["/v1/*", "/v1/a/b", false],
    ["/v1/{id}.json", "/v1/7.json", true],
    ["/v1/{id}.json", "/v1/.json", false],
    ["/v1/a*z", "/v1/az", true],
    ["/v1/a.c", "/v1/abc", false],
    ["/**/admin/**", "/a/b/admin/c", true],
    ["/**/admin/**", "/a/administrator", false],
    ["/", "/", true],
    ["/", "/a", false],
  ])("%s and %s: %s", (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  test.each(["/**/a*b*c*d*e/**/a*b*c*d*e/**/x", "/a*a*a*a*a*a*a*a*b", "/**/*/**/*/**/*/**/z"])(
    "%s gives up on a long path without going back and forth",
    (pattern) => {
      const { regExp } = compileGlob(pattern);
      // Exponential or high polynomial matching would not end within the test's time.
      expect(regExp.test(`/${"a".repeat(20_000)}`)).toBe(false);
      expect(regExp.test("/a".repeat(5_000))).toBe(false);
      expect(regExp.test("/".repeat(10_000))).toBe(false);
    },
  );
});

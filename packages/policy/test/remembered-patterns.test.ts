import { expect, test, vi } from "vitest";
import { RememberedPatterns } from "../src/remembered-patterns.ts";

test("a pattern is looked for once a method and path", () => {
  const find = vi.fn((method: string, path: string) => `${method} ${path}`);
  const patterns = new RememberedPatterns(find);
  for (let i = 0; i < 3; i++) {
    expect(patterns.of("GET", "/a")).toBe("GET /a");
    expect(patterns.of("POST", "/a")).toBe("POST /a");
  }
  expect(find).toHaveBeenCalledTimes(2);
});

// Ten thousand paths of 8 KB that were refused took 100 MB, in each thread.
test("a path that is longer than any that is worth it is not remembered", () => {
  const find = vi.fn(() => "*");
  const patterns = new RememberedPatterns(find);
  for (let i = 0; i < 3; i++) patterns.of("GET", `/${"x".repeat(256)}`);
  expect(find).toHaveBeenCalledTimes(3);
});

import { describe, expect, test } from "vitest";
import { parseDuration } from "../src/duration.ts";
import { parseSize } from "../src/size.ts";

describe("a duration", () => {
  test.each([
    ["500ms", 500],
    ["10s", 10_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "5", "m", "1.5h", "-1s", "1h30m", "5 m", "5M", "day"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("a size", () => {
  test.each([
    ["0B", 0],
    ["512B", 512],
    ["200KB", 204_800],
    ["1MB", 1_048_576],
    ["2GB", 2_147_483_648],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(["", "200", "200kb", "1.5MB", "-1B", "1 KB", "1TB"])("%j is none", (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

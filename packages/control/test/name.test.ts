import { describe, expect, test } from "vitest";
import { accountNameOf, nameKeyOf, nameOf, reasonOf } from "../src/name.ts";

describe("a name", () => {
  test.each([
    ["", "is empty"],
    ["x".repeat(101), "is longer than 100 characters"],
    [" x", "begins or ends with a blank"],
    ["x\u3000", "begins or ends with a blank"],
    ["a\u0000b", "cannot be seen"],
    ["a\nb", "cannot be seen"],
    ["a\u202eb", "cannot be seen"],
    ["a\u200bb", "cannot be seen"],
    ["a\u2028b", "cannot be seen"],
    ["a\ud800b", "cannot be seen"],
    ["a\ue000b", "cannot be seen"],
    ["a\u3164b", "cannot be seen"],
    [".", "a path"],
    ["..", "a path"],
    ["acc_me", "begins as ids do"],
    ["ＫＥＹ_me", "begins as ids do"],
  ])("%j is refused, and told why", (name, why) => {
    expect(() => accountNameOf(name)).toThrow(
      expect.objectContaining({ code: "HG_NAME_INVALID", message: expect.stringContaining(why) }),
    );
  });

  test("of 100 characters of any script is kept as it is written", () => {
    for (const name of ["漢".repeat(100), "🦉".repeat(100), "Ünïcödé & Söhne (日本) — №1", "a' or 1=1 --"]) {
      expect(accountNameOf(name)).toBe(name);
    }
  });

  test("is kept in Unicode's composed form, and compared without regard to case, width and blanks", () => {
    expect(nameOf("Cafe\u0301")).toBe("Caf\u00e9");
    const keys = ["Café 1", "CAFE\u0301  1", "ｃafé\u00a0１"].map(nameKeyOf);
    expect(new Set(keys).size).toBe(1);
  });

  test("of a key may look like an id", () => {
    expect(nameOf("key_of_mine")).toBe("key_of_mine");
  });
});

test("a reason has 1 to 500 characters that can be seen", () => {
  expect(reasonOf("x".repeat(500))).toHaveLength(500);
  for (const reason of ["", " x", "a\nb", "x".repeat(501)]) {
    expect(() => reasonOf(reason)).toThrow(expect.objectContaining({ code: "HG_REASON_INVALID" }));
  }
});

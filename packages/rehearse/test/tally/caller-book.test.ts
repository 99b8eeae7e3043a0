import { expect, test } from "vitest";
import { CallerBook } from "../../src/tally/caller-book.ts";
import { shownCaller } from "../../src/tally/shown-caller.ts";

test("a caller that is refused often stays known in a flood of others, and none is lost of the sums", () => {
  const book = new CallerBook();
  for (let i = 0; i < 300_000; i++) {
    const flooding = book.meet("ip", `flood ${i}`, i);
    flooding.requests++;
    if (i % 3 === 0) {
      flooding.refuse("all", i, i + 10);
      book.noteRefused(flooding);
    }
    if (i % 1000 === 0) book.meet("api-key", "busy", i).refuse("all", i, i + 20);
  }
  const [first] = book.top(20);
  expect(first?.toTally(300_000)).toMatchObject({ kind: "api-key", refused: 300 });
  expect(book.seen.isEstimate).toBe(true);
  expect(Math.abs(book.seen.count - 300_001)).toBeLessThan(9000);
  expect(Math.abs(book.refused.count - 100_000)).toBeLessThan(3000);
  expect(book.shutOut(300_000)).toEqual({ times: 100_300, totalMs: 1_006_000, longestMs: 20 });
});

test("of what may be a secret only the beginning is shown, and a hash that tells two apart", () => {
  expect(shownCaller("ip", "192.0.2.1")).toBe("192.0.2.1");
  expect(shownCaller("api-key", "ex_sk_live_1234567890")).toMatch(/^ex_sk_li… \([0-9a-f]{6}\)$/);
  expect(shownCaller("api-key", "ex_sk_live_1234567890")).not.toBe(shownCaller("api-key", "ex_sk_live_1234567891"));
  expect(shownCaller("token", "abcd")).toMatch(/^ab… /);
});

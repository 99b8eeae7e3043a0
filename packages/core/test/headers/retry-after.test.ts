import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseRetryAfter } from "../../src/index.ts";

const NOW = Date.parse("1994-11-06T08:49:07Z");

describe("Retry-After", () => {
  test("is whole seconds", () => {
    expect(parseRetryAfter("0", NOW)).toBe(0);
    expect(parseRetryAfter("120", NOW)).toBe(120_000);
    expect(parseRetryAfter(" 7 ", NOW)).toBe(7_000);
  });

  describe("or an HTTP date, which is in UTC wherever it is read:", () => {
    const zone = process.env.TZ;
    beforeEach(() => {
      process.env.TZ = "America/New_York";
    });
    afterEach(() => {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    });

    test.each([
      ["the form in use", "Sun, 06 Nov 1994 08:49:37 GMT"],
      ["the form of RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT"],
      ["the form of asctime", "Sun Nov  6 08:49:37 1994"],
    ])("%s", (_form, date) => {
      expect(parseRetryAfter(date, NOW)).toBe(30_000);
    });
  });

  test("is now when the date is past", () => {
    expect(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOW + 3_600_000)).toBe(0);
  });

  test.each(["", "-1", "1.5", "1e3", "soon", "120s", "Sunshine 2040", "Mon", "2040-01-01T00:00:00Z", "9".repeat(16)])(
    "is ignored when malformed: %j",
    (value) => {
      expect(parseRetryAfter(value, NOW)).toBeUndefined();
    },
  );
});

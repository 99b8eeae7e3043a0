import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { read } from "../../src/reading/read.ts";
import { Skew } from "../../src/reading/skew.ts";

const NOW = 1_800_000_000_123;
/** The second after the one in which two seconds from now are. */
const RESET = 1_800_000_003;

function refused(headers: Record<string, string>, dialect = {}) {
  return read(new Headers(headers), 429, NOW, dialect);
}

describe("how long to wait", () => {
  test.each([
    ["Retry-After in seconds", { "retry-after": "2" }, 2_000],
    ["Retry-After as a date", { "retry-after": "Fri, 15 Jan 2027 08:00:03 GMT" }, 2_877],
    ["Retry-After in parts of a second", { "retry-after": "1.5" }, 1_500],
    ["its cousin in ms", { "retry-after-ms": "1700" }, 1_700],
    ["Azure's", { "x-ms-retry-after-ms": "1700" }, 1_700],
    ["X-RateLimit-Retry-After", { "x-ratelimit-retry-after": "2" }, 2_000],
    ["the reset alone, as an epoch", { "x-ratelimit-reset": `${RESET}` }, 2_877],
    ["the reset of what is used up", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2" }, 2_000],
    ["… by its other name", { "x-rate-limit-remaining": "0", "x-rate-limit-reset": `${RESET}000` }, 2_877],
    [
      "… and of the older drafts",
      { "ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "2" },
      2_000,
    ],
    ["… and of draft 7", { ratelimit: "limit=10, remaining=0, reset=2" }, 2_000],
    ["… and of draft 8 and later", { ratelimit: '"a";r=0;t=2' }, 2_000],
    ["the longest of several that are used up", { ratelimit: '"a";r=0;t=2, "b";r=0;t=7, "c";r=1;t=99' }, 7_000],
  ])("is told by %s", (_, headers, retryAfterMs) => {
    expect(refused(headers).retryAfterMs).toBe(retryAfterMs);
  });

  test("Retry-After counts even if the reset is later, and the reset is known all the same", () => {
    const reading = refused({ "retry-after": "60", "x-ratelimit-remaining": "-3", "x-ratelimit-reset": "300" });
    expect(reading.retryAfterMs).toBe(60_000);
    expect(reading.limits).toEqual([{ name: "default", remaining: -3, resetAt: NOW + 300_000 }]);
  });

  test("Retry-After counts even if the reset is earlier", () => {
    expect(refused({ "retry-after": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2" }).retryAfterMs).toBe(
      60_000,
    );
  });

  test("a limit that has something left is not waited for", () => {
    expect(refused({ "x-ratelimit-remaining": "5", "x-ratelimit-reset": "2" }).retryAfterMs).toBeUndefined();
  });

  test("only those are told who were refused", () => {
    const headers = new Headers({ "retry-after": "2", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2" });
    expect(read(headers, 200, NOW).retryAfterMs).toBeUndefined();
    expect(read(headers, 503, NOW).retryAfterMs).toBe(2_000);
  });

  test("a 503 that says nothing but when a limit is whole again says nothing", () => {
    const headers = new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2" });
    expect(read(headers, 503, NOW).retryAfterMs).toBeUndefined();
  });
});

describe("limits", () => {
  test("are in the order in which they bind, few or many, and as they are told where they bind alike", () => {
    const members = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3 })), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(members, (told) => {
        const state = told.map(([remaining], i) => `"${i}";r=${remaining}`).join();
        const policy = told.map(([, quota], i) => `"${i}";q=${quota}`).join();
        const { limits } = read(new Headers({ ratelimit: state, "ratelimit-policy": policy }), 200, NOW);
        const shares = told.map(([remaining, quota], i) => ({ name: String(i), share: remaining / (quota || 1) }));
        expect(limits.map(({ name }) => name)).toEqual(
          shares.toSorted((a, b) => a.share - b.share).map(({ name }) => name),
        );
      }),
    );
  });

  test("of the drafts have names and windows, and the one that binds first comes first", () => {
    const headers = new Headers({
      "ratelimit-policy": '"burst";q=100;w=60, "daily";q=1000;w=86400',
      ratelimit: '"burst";r=50;t=30, "daily";r=100;t=36000',
      "x-ratelimit-remaining": "7",
    });
    expect(read(headers, 200, NOW).limits).toEqual([
      { name: "daily", remaining: 100, quota: 1000, windowMs: 86_400_000, resetAt: NOW + 36_000_000 },
      { name: "burst", remaining: 50, quota: 100, windowMs: 60_000, resetAt: NOW + 30_000 },
    ]);
  });

  test("of draft 7 find their window in the policy", () => {
    const headers = new Headers({
      ratelimit: "limit=100, remaining=50, reset=5",
      "ratelimit-policy": '10;w=1, 100;w=60;comment="a, b"',
    });
    expect(read(headers, 200, NOW).limits).toEqual([
      { name: "default", remaining: 50, quota: 100, windowMs: 60_000, resetAt: NOW + 5_000 },
    ]);
  });

  test("of the older drafts find it in the list of quotas", () => {
    const headers = new Headers({ "ratelimit-limit": "100, 100;w=60, 5000;w=3600", "ratelimit-remaining": "50" });
    expect(read(headers, 200, NOW).limits).toEqual([{ name: "default", remaining: 50, quota: 100, windowMs: 60_000 }]);
  });

  test("may be declared: names, format of the reset, and the window that only the documentation tells", () => {
    const dialect = {
      limit: "x-quota",
      remaining: "x-left",
      resetHeader: "x-again",
      reset: "epoch-ms",
      windowMs: 60_000,
    } as const;
    const headers = new Headers({ "x-quota": "10", "x-left": "3", "x-again": `${NOW + 1_234}` });
    expect(read(headers, 200, NOW, dialect).limits).toEqual([
      { name: "default", remaining: 3, quota: 10, windowMs: 60_000, resetAt: NOW + 1_234 },
    ]);
  });

  test("whose reset is declared to be none have none", () => {
    const headers = new Headers({ "x-ratelimit-remaining": "3", "x-ratelimit-reset": "1" });
    expect(read(headers, 200, NOW, { reset: "none" }).limits).toEqual([{ name: "default", remaining: 3 }]);
  });

  test("are none where nothing is said", () => {
    expect(read(new Headers(), 200, NOW)).toEqual({ limits: [] });
  });
});

describe("an API whose clock differs", () => {
  const resetOf = (date: string, reset: string, extra = {}) => {
    const headers = new Headers({ date, "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, ...extra });
    return (read(headers, 200, NOW).limits[0]?.resetAt ?? 0) - NOW;
  };

  test("is believed as to how long, by its Date", () => {
    // An hour ahead, and one behind.
    expect(resetOf("Fri, 15 Jan 2027 09:00:00 GMT", "1800003602")).toBe(2_000);
    expect(resetOf("Fri, 15 Jan 2027 07:00:00 GMT", "2027-01-15T07:00:02.500Z")).toBe(2_500);
  });

  test("is not corrected by what an answer has taken, unless it refuses: then it is never early", () => {
    const date = "Fri, 15 Jan 2027 07:59:59 GMT";
    const headers = new Headers({ date, "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${RESET}` });
    const sending = { sentAt: NOW - 200, skew: new Skew() };
    expect(read(headers, 200, NOW, {}, sending).limits[0]?.resetAt).toBe(NOW + 2_877);
    expect(read(headers, 429, NOW, {}, sending).retryAfterMs).toBe(4_000);
  });

  test("says dates of Retry-After by that clock too", () => {
    const headers = new Headers({
      date: "Fri, 15 Jan 2027 09:00:00 GMT",
      "retry-after": "Fri, 15 Jan 2027 09:00:02 GMT",
    });
    expect(read(headers, 429, NOW).retryAfterMs).toBe(2_000);
  });

  test("is taken as it was when the answer was stored by a cache in between", () => {
    expect(resetOf("Fri, 15 Jan 2027 07:00:00 GMT", `${RESET}`, { age: "3600" })).toBe(2_877);
  });

  test("that cannot be read is taken to agree", () => {
    expect(resetOf("yesterday", `${RESET}`)).toBe(2_877);
    expect(resetOf("Fri, 15 Jan 2027 07:00:00 GMT", `${RESET}`, { age: "old" })).toBe(2_877);
  });
});

describe("headers that make no sense", () => {
  test.each([
    ["a wait of nothing", { "retry-after": "0" }],
    ["a wait until a time that is over", { "retry-after": "Fri, 15 Jan 2027 07:00:00 GMT" }],
    ["a wait below nothing", { "retry-after": "-5" }],
    ["a wait that is no number", { "retry-after": "soon" }],
    ["a wait that is empty", { "retry-after": "" }],
    ["a wait in ms without end", { "retry-after-ms": "Infinity" }],
    ["a reset that is over", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000000" }],
    ["a reset in centuries", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999" }],
    ["a reset that is no number", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "NaN" }],
    ["RateLimit that is malformed", { ratelimit: '"a";r=0;t=2, "b' }],
    ["RateLimit of what else", { ratelimit: "1" }],
    ["RateLimit below zero", { ratelimit: '"a";r=0;t=-2' }],
  ])("%s says nothing of how long to wait", (_, headers) => {
    expect(refused(headers).retryAfterMs).toBeUndefined();
  });

  test("a wait of centuries is as long as it says, for the caller to refuse", () => {
    expect(refused({ "retry-after": "9999999999" }).retryAfterMs).toBeGreaterThan(2 ** 31);
    expect(refused({ "retry-after": "999999999" }).retryAfterMs).toBe(999_999_999_000);
  });

  test("of a Retry-After that came twice the longer counts", () => {
    expect(refused({ "retry-after": "2, 5" }).retryAfterMs).toBe(5_000);
    const dates = "Fri, 15 Jan 2027 08:00:03 GMT, Fri, 15 Jan 2027 08:00:04 GMT";
    expect(refused({ "retry-after": dates }).retryAfterMs).toBe(3_877);
  });

  test("of Retry-After and its cousins that contradict each other the longest counts", () => {
    expect(refused({ "retry-after": "60", "retry-after-ms": "2000" }).retryAfterMs).toBe(60_000);
  });

  test("of limits that came twice what leaves less, and later, counts", () => {
    const headers = { "x-ratelimit-limit": "10, 10", "x-ratelimit-remaining": "5, 0", "x-ratelimit-reset": "2, 3" };
    expect(refused(headers).limits).toEqual([{ name: "default", remaining: 0, quota: 10, resetAt: NOW + 3_000 }]);
  });

  test("a quota below what remains, and one below zero, are no reason to throw", () => {
    expect(refused({ "x-ratelimit-limit": "5", "x-ratelimit-remaining": "9" }).limits).toEqual([
      { name: "default", remaining: 9, quota: 5 },
    ]);
    expect(refused({ "x-ratelimit-limit": "-5", "x-ratelimit-remaining": "9" }).limits).toEqual([
      { name: "default", remaining: 9 },
    ]);
  });

  test("a window of centuries is none", () => {
    const headers = { ratelimit: '"a";r=0', "ratelimit-policy": '"a";q=1;w=99999999999' };
    expect(refused(headers).limits).toEqual([{ name: "a", remaining: 0, quota: 1 }]);
  });

  test("whatever they hold, nothing is thrown, and what is said is finite", () => {
    const names = fc.constantFrom(
      ...["retry-after", "retry-after-ms", "date", "age", "ratelimit", "ratelimit-policy"],
      ...["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-remaining", "ratelimit-reset"],
    );
    const values = fc.oneof(
      fc.integer().map(String),
      fc.stringMatching(/^[ -~]{0,40}$/),
      fc.constantFrom('"a";r=0;t=5', "limit=1, remaining=0, reset=5", "100, 100;w=60", "9999999999", "-1", "1e400"),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(fc.dictionary(names, values), fc.constantFrom(200, 429, 503), (headers, status) => {
        const { retryAfterMs, limits } = read(new Headers(headers), status, NOW);
        if (retryAfterMs !== undefined) expect(retryAfterMs > 0 && Number.isFinite(retryAfterMs)).toBe(true);
        for (const { remaining, resetAt = NOW } of limits) {
          expect(Number.isFinite(remaining)).toBe(true);
          expect(resetAt >= NOW && Number.isFinite(resetAt)).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

const URL = "https://api.example.com/things";
const CALLS = 12;
const ATTEMPTS = 5;
const DEADLINE_MS = 300_000;
const LONGEST_ANSWER_MS = 3_000;

const value = fc.constantFrom(
  ...["", "0", "1", "-3", "0.5", "30", "2147483648", "9999999999", "99999999999999999", "1e400", "NaN", "1, 5"],
  ...["1700000000", "1800000002", "1800000002000", "2027-01-15T08:00:02", "Fri, 15 Jan 2027 08:00:04 GMT", "soon"],
);
const list = fc.constantFrom(
  ...['"a";r=0;t=5', '"a";r=5;t=100', '"a";r=0', '"a";r=-1;t=3', '"a";r=99999999999;t=99999999999', ";;"],
  ...['"a";q=0;w=10', '"a";q=5;w=0', '"a";q=1;w=99999999999', "limit=0, remaining=0, reset=0"],
);
const headers = fc.record(
  {
    ...{ "retry-after": value, "retry-after-ms": value, date: value, age: value },
    ...{ "x-ratelimit-limit": value, "x-ratelimit-remaining": value, "x-ratelimit-reset": value },
    ...{ "ratelimit-limit": value, "ratelimit-remaining": value, "ratelimit-reset": value },
    ...{ ratelimit: list, "ratelimit-policy": list },
  },
  { requiredKeys: [] },
);
/** What an API answers after a while; with status 0 nothing. */
const answer = fc.record({
  status: fc.constantFrom(0, 200, 200, 200, 429, 429, 503),
  headers,
  afterMs: fc.nat(LONGEST_ANSWER_MS),
});

test("whatever an API says, its callers are answered or told so by their deadline, and none of them spins", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { minLength: 1, maxLength: 8 }),
      fc.constantFrom<("smooth" | "burst" | false)[]>("smooth", "burst", false),
      async (answers, pace) => {
        const clock = virtualClock();
        const start = clock.now();
        let sent = 0;
        let sleeps = 0;
        const sleep: typeof clock.sleep = (ms, signal) => {
          sleeps++;
          return clock.sleep(ms, signal);
        };
        const fetch = async () => {
          const { status, headers, afterMs } = answers[sent++ % answers.length] as (typeof answers)[number];
          await clock.sleep(afterMs);
          if (status === 0) throw new TypeError("fetch failed");
          return new Response("{}", { status, headers });
        };
        const api = obey(fetch, { clock: { ...clock, sleep }, pace, concurrency: 4 });
        const calls = Array.from({ length: CALLS }, () => api(URL));
        for (const result of await clock.until(Promise.allSettled(calls)))
          if (result.status === "rejected") expect(String(result.reason)).toMatch(/takes this call in|fetch failed/);
        expect(clock.now() - start).toBeLessThanOrEqual(DEADLINE_MS + LONGEST_ANSWER_MS);
        expect(sent).toBeLessThanOrEqual(CALLS * ATTEMPTS);
        expect(sleeps).toBeLessThan(1_000);
        expect(clock.sleepers()).toBe(0);
        for (const limits of api.limits().values())
          for (const limit of limits) expect(JSON.stringify(limit)).not.toContain("null");
      },
    ),
    { numRuns: 150 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

/** What becomes of a call's attempts, in turn: an answer of that status, or none where it is 0, after a while. */
const attempt = fc.record({ status: fc.constantFrom(200, 200, 404, 429, 503, 0), afterMs: fc.nat(200) });
const call = fc.record({ atMs: fc.nat(500), attempts: fc.array(attempt, { maxLength: 3 }) });

test("however calls overtake each other and are sent again, each gets its own answer, and the gate is empty at last", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 8 }),
      async (calls, concurrency) => {
        const clock = virtualClock();
        const sent = new Map<number, number>();
        let inFlight = 0;
        let most = 0;
        const fetch = async (input: string | URL | Request) => {
          const index = Number(String(input).split("/").at(-1));
          const attempt = sent.get(index) ?? 0;
          sent.set(index, attempt + 1);
          const { status, afterMs } = calls[index]?.attempts[attempt] ?? { status: 200, afterMs: 1 };
          most = Math.max(most, ++inFlight);
          await clock.sleep(afterMs);
          inFlight--;
          if (status === 0) throw new TypeError("fetch failed");
          return new Response(null, { status, headers: { index: String(index), attempt: String(attempt) } });
        };
        const api = obey(fetch, { clock, concurrency, attempts: 2, pace: false });
        const answers = calls.map(async ({ atMs }, index) => {
          await clock.sleep(atMs);
          return api(`https://api.example.com/${index}`);
        });
        const settled = await clock.until(Promise.allSettled(answers));
        for (const [index, answer] of settled.entries()) {
          const attempt = (sent.get(index) ?? 0) - 1;
          const last = calls[index]?.attempts[attempt]?.status ?? 200;
          if (answer.status === "rejected") expect(last).toBe(0);
          else {
            expect(answer.value.status).toBe(last);
            expect(answer.value.headers.get("index")).toBe(String(index));
            expect(answer.value.headers.get("attempt")).toBe(String(attempt));
          }
        }
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(clock.sleepers()).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

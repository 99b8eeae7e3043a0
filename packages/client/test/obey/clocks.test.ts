import { expect, test } from "vitest";
import { obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { scriptedApi } from "./scripted-api.ts";

const URL = "https://api.example.com/things";

/** Calls an API that refuses once, until a whole second of its clock: how much later than that it is asked again, ms. */
async function latenessOf(skewMs: number, offsetMs: number, wallMs: number, telling: { readonly date: boolean }) {
  const clock = virtualClock(1_800_000_000_000 + offsetMs);
  const serverNow = () => clock.now() + skewMs;
  let resetAt = 0;
  const server = scriptedApi(
    clock,
    () => {
      resetAt = Math.ceil(serverNow() / 1000) * 1000 + 2_000;
      const headers = {
        "x-ratelimit-limit": "5",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": `${resetAt / 1000}`,
      };
      const date = { date: new Date(serverNow()).toUTCString() };
      return new Response(null, { status: 429, headers: { ...headers, ...(telling.date && date) } });
    },
    () => new Response(`${serverNow() - resetAt}`),
  );
  const api = obey(server.fetch, { clock: { ...clock, wallNow: () => clock.now() + wallMs } });
  return Number(await (await clock.until(api(URL))).text());
}

test.each([-3_000, -1_900, -1_500, -1_000, -500, -100, 0, 500, 1_500])(
  "an API whose clock is %i ms ahead is never asked before its reset",
  async (skewMs) => {
    for (let offsetMs = 0; offsetMs < 1_000; offsetMs += 125) {
      const lateMs = await latenessOf(skewMs, offsetMs, 0, { date: true });
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(1_500);
    }
  },
);

test("a machine that slept for an hour, so that its clock stood still, reads a reset by the one that is set", async () => {
  const hour = 3_600_000;
  for (const date of [true, false]) {
    const lateMs = await latenessOf(hour, 123, hour, { date });
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(1_500);
  }
});

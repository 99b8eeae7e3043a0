import { describe, expect, test } from "vitest";
import { obey, WaitTooLongError } from "../../src/index.ts";
import { type VirtualClock, virtualClock } from "../../src/testing/index.ts";
import { fine, refusal, scriptedApi } from "./scripted-api.ts";

const URL = "https://api.example.com/things";

/** One call that is refused, and others behind it. */
async function heldBehind(clock: VirtualClock, headers: Record<string, string>, others: number) {
  const server = scriptedApi(clock, refusal(headers), fine);
  const api = obey(server.fetch, { clock, concurrency: 1 });
  const first = api(`${URL}/refused`);
  await clock.advance(100);
  await clock.until(Promise.all([first, ...Array.from({ length: others }, (_, i) => api(`${URL}/${i}`))]));
  return server;
}

test("the call that was refused goes first again, before all who were held meanwhile", async () => {
  for (let run = 0; run < 10; run++) {
    const { requests } = await heldBehind(virtualClock(), { "retry-after": "3" }, 5);
    expect(requests.map(({ url }) => url).slice(0, 3)).toEqual([`${URL}/refused`, `${URL}/refused`, `${URL}/0`]);
  }
});

test.each([
  ["were told the same", { "retry-after": "3" }, 3_000],
  ["were told nothing", {}, 1_000],
])(
  "clients that %s do not come back together, whether they were refused or held, and none early",
  async (_, headers, leastMs) => {
    const times = new Set<number>();
    for (let client = 0; client < 16; client++) {
      const { times: came } = await heldBehind(virtualClock(), headers, 1);
      expect(came[1]).toBeGreaterThanOrEqual(leastMs);
      times.add(came[1] as number);
    }
    expect(times.size).toBeGreaterThan(8);
  },
);

describe("a wait that no API means", () => {
  test.each(["86400000", "999999999", "9999999999"])(
    "(Retry-After: %s) holds for five minutes: then a call goes to see",
    async (value) => {
      const clock = virtualClock();
      const server = scriptedApi(clock, refusal({ "retry-after": value }), fine);
      const api = obey(server.fetch, { clock });
      await expect(clock.until(api(URL))).rejects.toBeInstanceOf(WaitTooLongError);
      await expect(clock.until(api(URL))).rejects.toBeInstanceOf(WaitTooLongError);
      await clock.advance(301_000);
      expect(await clock.until(api(URL))).toMatchObject({ status: 200 });
    },
  );

  test("and told again, holds again: a call in five minutes is all that is sent", async () => {
    const clock = virtualClock();
    const server = scriptedApi(clock, refusal({ "retry-after": "9999999999" }));
    const api = obey(server.fetch, { clock, attempts: 1 });
    for (let minute = 0; minute < 60; minute++) {
      await clock.until(Promise.allSettled([api(URL), api(URL), api(URL)]));
      await clock.advance(60_000);
    }
    expect(server.times.length).toBeGreaterThan(10);
    for (const [i, at] of server.times.slice(1).entries())
      expect(at - (server.times[i] as number)).toBeGreaterThanOrEqual(300_000);
  });

  test("a day and less is waited for as it is told", async () => {
    const clock = virtualClock();
    const server = scriptedApi(clock, refusal({ "retry-after": "80000" }), fine);
    const api = obey(server.fetch, { clock });
    await expect(clock.until(api(URL))).rejects.toBeInstanceOf(WaitTooLongError);
    await clock.advance(79_000_000);
    await expect(clock.until(api(URL))).rejects.toBeInstanceOf(WaitTooLongError);
    expect(server.times).toHaveLength(1);
  });
});

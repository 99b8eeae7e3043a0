import { describe, expect, test } from "vitest";
import { obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { DIALECTS } from "./dialects.ts";
import { fine, scriptedApi } from "./scripted-api.ts";

describe.each(DIALECTS)("after a 429 that says 2 s as $name does, the second request comes", (row) => {
  const { headers, isRoundedUp = false, body = "{}", dialect = {} } = row;

  test(`between 2.0 and ${isRoundedUp ? "3.0" : "2.6"} s later, at any time of a second`, async () => {
    for (let ms = 0; ms < 1000; ms += 37) {
      const clock = virtualClock(1_800_000_000_000 + ms);
      const refuse = () => new Response(body, { status: 429, headers: headers(clock.now()) });
      const server = scriptedApi(clock, refuse, fine);
      const api = obey(server.fetch, { clock, dialect });
      const response = await clock.until(api("https://api.example.com/things"));
      expect(response.status).toBe(200);
      expect(server.times).toHaveLength(2);
      expect(server.times[1]).toBeGreaterThanOrEqual(2_000);
      expect(server.times[1]).toBeLessThanOrEqual(isRoundedUp ? 3_000 : 2_600);
    }
  });
});

test.each([
  ["nothing", {}],
  ["Retry-After: 0", { "retry-after": "0" }],
  ["a reset that is over", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1500000000" }],
  ["garbage", { "retry-after": "later", "x-ratelimit-reset": "then", ratelimit: ";;" }],
])("after 429s that say %s it backs off: 1, 2, 4 and 8 s", async (_, headers) => {
  const clock = virtualClock();
  const server = scriptedApi(clock, () => new Response(null, { status: 429, headers }));
  const response = await clock.until(obey(server.fetch, { clock })("https://api.example.com/things"));
  expect(response.status).toBe(429);
  const waits = server.times.slice(1).map((time, i) => time - (server.times[i] as number));
  expect(waits).toHaveLength(4);
  for (const [i, wait] of waits.entries()) {
    expect(wait).toBeGreaterThanOrEqual(1_000 * 2 ** i);
    expect(wait).toBeLessThanOrEqual(1_250 * 2 ** i);
  }
});

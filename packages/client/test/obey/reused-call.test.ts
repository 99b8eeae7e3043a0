import { expect, test } from "vitest";
import { obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

const URL = "https://api.example.com/v1/things";

test("nothing that a call was given, or asked for itself, is the next one's", async () => {
  const clock = virtualClock();
  const sent: (RequestInit | undefined)[] = [];
  const statuses = [200, 503, 503, 200];
  const answer = async (_: unknown, init?: RequestInit): Promise<Response> => {
    sent.push(init);
    return new Response(null, { status: statuses[sent.length - 1] ?? 200, headers: { "retry-after": "1" } });
  };
  const api = obey(answer, { clock });
  const stop = new AbortController();
  const first = { obey: { attempts: 1 }, signal: stop.signal };
  expect((await api(URL, first)).status).toBe(200);
  stop.abort();
  expect((await clock.until(api(URL))).status).toBe(200);
  expect((await clock.until(api(URL))).status).toBe(200);
  expect(sent).toEqual([first, undefined, undefined, undefined, undefined]);
});

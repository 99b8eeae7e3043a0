import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { type ObeyOptions, obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";

const URL = "https://api.example.com/things";
const LARGE = new Uint8Array(1_000_000);

/** An API whose bodies go on until the test ends them, and what its client has in flight. */
function streamingApi(options: ObeyOptions) {
  const clock = virtualClock();
  const bodies: ReadableStreamDefaultController<Uint8Array>[] = [];
  const fetch = async () =>
    new Response(new ReadableStream({ start: (controller) => void bodies.push(controller) }), { headers: { a: "b" } });
  const api = obey(fetch, { clock, pace: false, ...options });
  const end = (i: number): void => bodies[i]?.close();
  return { api, bodies, clock, end };
}

const answersOf = async (calls: Promise<Response>[]): Promise<Response[]> => Promise.all(calls);

describe("with a concurrency of its own, a call is in flight", () => {
  test("until its body has ended, and the next goes then", async () => {
    const { api, bodies, clock, end } = streamingApi({ concurrency: 2 });
    const calls = [api(URL), api(URL), api(URL)];
    const [first] = await answersOf(calls.slice(0, 2));
    await clock.advance(1_000);
    expect(bodies).toHaveLength(2);
    bodies[0]?.enqueue(new TextEncoder().encode("whole"));
    end(0);
    await calls[2];
    expect(bodies).toHaveLength(3);
    expect([await first?.text(), first?.headers.get("a")]).toEqual(["whole", "b"]);
  });

  test("until its body is cancelled, or breaks off", async () => {
    const { api, bodies, clock } = streamingApi({ concurrency: 1 });
    await (await api(URL)).body?.cancel();
    const second = await api(URL);
    const third = api(URL);
    await clock.advance(1_000);
    expect(bodies).toHaveLength(2);
    bodies[1]?.error(new Error("cut off"));
    await third;
    await expect(second.text()).rejects.toThrow("cut off");
  });

  test("until nobody has its body any more", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { api, bodies } = streamingApi({ concurrency: 1 });
    await (async () => {
      await api(URL);
      bodies[0]?.enqueue(LARGE);
    })();
    const second = api(URL);
    await vi.waitUntil(() => {
      collect();
      return bodies.length === 2;
    });
    await second;
  });

  test("no longer for a short body that nobody reads", async () => {
    const api = obey(async () => new Response("short"), { clock: virtualClock(), pace: false, concurrency: 1 });
    for (let i = 0; i < 3; i++) expect((await api(URL)).status).toBe(200);
  });
});

test("an answer that is made anew says where it is from", async () => {
  const clock = virtualClock();
  const there = { url: { value: `${URL}/there` }, redirected: { value: true }, type: { value: "cors" } };
  const fetch = async () => Object.defineProperties(new Response("x", { status: 201, statusText: "Made" }), there);
  const answer = await obey(fetch, { clock, concurrency: 1 })(URL);
  const { url, redirected, type, status, statusText } = answer;
  expect([url, redirected, type, status, statusText]).toEqual([`${URL}/there`, true, "cors", 201, "Made"]);
});

test("without one it is until its headers are there, and the answer is the one that came", async () => {
  const response = new Response("x");
  expect(await obey(async () => response, { clock: virtualClock() })(URL)).toBe(response);
});

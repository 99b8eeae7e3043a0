import { describe, expect, test } from "vitest";
import { virtualClock } from "../../src/testing/index.ts";
import { jsonOf } from "../../src/waiting/refusal-body.ts";

const clock = virtualClock();

test("what the body says is known, and the response can be read all the same", async () => {
  const response = new Response('{"error":"é"}');
  expect(await clock.until(jsonOf(response, clock))).toEqual({ error: "é" });
  expect(await response.json()).toEqual({ error: "é" });
});

test("characters that come in two pieces are whole", async () => {
  const bytes = new TextEncoder().encode('"é"');
  const body = new ReadableStream({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  expect(await clock.until(jsonOf(new Response(body), clock))).toBe("é");
});

describe("nothing is known", () => {
  test.each([
    ["of none", null],
    ["of an empty one", ""],
    ["of what is no JSON", "<html>"],
    ["of one that is too long", `"${"x".repeat(65_536)}"`],
  ])("%s", async (_, body) => {
    const response = new Response(body);
    expect(await clock.until(jsonOf(response, clock))).toBeUndefined();
    expect(await response.text()).toBe(body ?? "");
  });

  test("of one that never ends, for which nobody waits longer than a second", async () => {
    const start = clock.now();
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) });
    expect(await clock.until(jsonOf(new Response(body), clock))).toBeUndefined();
    expect(clock.now() - start).toBe(1_000);
  });

  test("of one that breaks off", async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) });
    expect(await clock.until(jsonOf(new Response(body), clock))).toBeUndefined();
  });

  test("of one that was read before", async () => {
    const response = new Response("{}");
    await response.text();
    expect(await clock.until(jsonOf(response, clock))).toBeUndefined();
  });

  test("and no timer is left", () => {
    expect(clock.sleepers()).toBe(0);
  });
});

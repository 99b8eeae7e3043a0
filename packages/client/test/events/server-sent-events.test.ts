import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ServerSentEvent, serverSentEvents } from "../../src/events/server-sent-events.ts";
import { allOf } from "./all-of.ts";

/** The messages of a body that comes in these pieces. */
async function messagesOf(pieces: Iterable<Uint8Array>): Promise<ServerSentEvent[]> {
  return allOf(serverSentEvents(ReadableStream.from(pieces)));
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a stream of server-sent events", () => {
  test("is its messages, with their ids, data, and when to connect again", async () => {
    const text =
      "retry: 2000\nid: 2\n\n: still here\nid: 3\n\nid: 4\nevent: event.created\ndata: {\ndata:  1\ndata\ndata:}\n\ndata: é\n\nid: 9\ndata: cut o";
    expect(await messagesOf([bytes(text)])).toEqual([
      { id: "2", data: "", retryMs: 2000 },
      { id: "3", data: "", retryMs: undefined },
      { id: "4", data: "{\n 1\n\n}", retryMs: undefined },
      { id: "4", data: "é", retryMs: undefined },
    ]);
  });

  test("is the same however it is cut into pieces, and whatever ends its lines", async () => {
    const lines = fc.array(
      fc.constantFrom("id: 1", "data: é🎉", "data", "data: a: b", ": x", "retry: 5", "retry: x", ""),
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom("\n", "\r\n", "\r"), fc.array(fc.nat(60)), async (all, end, cuts) => {
        const whole = bytes(all.map((line) => line + end).join(""));
        const places = [0, ...cuts.toSorted((a, b) => a - b)];
        const pieces = places.map((place, index) => whole.subarray(place, places[index + 1]));
        pieces.push(bytes("x"));
        expect(await messagesOf(pieces)).toEqual(await messagesOf([bytes(all.map((line) => `${line}\n`).join(""))]));
      }),
    );
  });

  test("is given up when a message has no end", async () => {
    const endless = function* (): Generator<Uint8Array> {
      for (;;) yield bytes("x".repeat(2 ** 16));
    };
    await expect(messagesOf(endless())).rejects.toThrow("has no end");
  });

  test("is ended with whoever reads it", async () => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes("data: 1\n\n")),
      cancel: () => {
        isCancelled = true;
      },
    });
    for await (const { data } of serverSentEvents(body)) {
      expect(data).toBe("1");
      break;
    }
    expect(isCancelled).toBe(true);
  });
});

import { once } from "node:events";
import { expect, test } from "vitest";
import { endResponse } from "../src/response-end.ts";
import { startUpstream } from "./rig.ts";

// Watching costs a timer and three listeners: none of it for an ordinary answer.
test.each([undefined, "hello", "x".repeat(100_000)])(
  "an answer that is taken at once is not watched ($#)",
  async (body) => {
    const watched: number[] = [];
    const server = await startUpstream((_request, response) => {
      endResponse(response, 1_000, body);
      watched.push(response.listenerCount("drain"));
    });
    expect(await (await fetch(server.url)).text()).toBe(body ?? "");
    expect(watched).toEqual([0]);
  },
);

test("an answer that is left untaken is watched until it is taken", async () => {
  const watched: number[] = [];
  const finished = Promise.withResolvers<void>();
  const server = await startUpstream((_request, response) => {
    endResponse(response, 60_000, Buffer.alloc(50_000_000));
    watched.push(response.listenerCount("drain"));
    response.on("finish", finished.resolve);
    void once(response, "close").then(() => watched.push(response.listenerCount("drain")));
  });
  await (await fetch(server.url)).arrayBuffer();
  await finished.promise;
  await expect.poll(() => watched).toEqual([1, 0]);
});

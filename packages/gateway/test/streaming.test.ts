import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { RawConnection } from "./raw-connection.ts";
import { startRig } from "./rig.ts";

/** Sends requests, and reads nothing of the answers, until the gateway closes the connection. */
async function floodUnread(port: number): Promise<void> {
  const { socket } = new RawConnection(port);
  socket.pause();
  const closed = new Promise((resolve) => socket.on("close", resolve));
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
  });
  while (!isClosed) {
    if (!socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(50))) {
      await Promise.race([closed, new Promise((resolve) => socket.once("drain", resolve))]);
    }
    await new Promise(setImmediate);
  }
}

describe("bodies pass as they come", () => {
  test.each([false, true])("an answer's first part arrives before its last is made (conditional: %s)", async (is) => {
    const answering = Promise.withResolvers<ServerResponse>();
    const rig = await startRig({
      policy: `limits: []\nconditional: ${is}`,
      upstream: (_request, response) => {
        response.write("first ");
        answering.resolve(response);
      },
    });
    const response = await fetch(rig.url);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe("first ");
    (await answering.promise).end("last");
    expect((await reader?.read())?.value).toBe("last");
    expect((await reader?.read())?.done).toBe(true);
  });

  test("a request's first part reaches the upstream before its last is sent", async () => {
    const parts: string[] = [];
    const rig = await startRig({
      upstream: (request, response) => {
        request.on("data", (chunk) => parts.push(String(chunk)));
        request.on("end", () => response.end("done"));
      },
    });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    await expect.poll(() => parts).toEqual(["first"]);
    connection.send("4\r\nlast\r\n0\r\n\r\n");
    await connection.until(/done/);
    expect(parts).toEqual(["first", "last"]);
  });

  test("events are not held back for a tag", async () => {
    const rig = await startRig({
      policy: "limits: []\nconditional: true",
      upstream: (_request, response) => {
        response.setHeader("Content-Type", "text/event-stream");
        response.write("data: 1\n\n");
      },
    });
    const response = await fetch(rig.url);
    expect(response.headers.get("etag")).toBeNull();
    await response.body?.cancel();
  });
});

describe("a slow reader holds the upstream back, not the gateway's memory", () => {
  test("and gets every byte", async () => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const chunks = 400;
    let sent = 0;
    const rig = await startRig({
      upstream: (_request, response) => {
        const more = (): void => {
          while (sent < chunks) {
            sent++;
            if (!response.write(chunk)) return void response.once("drain", more);
          }
          response.end();
        };
        more();
      },
    });
    const connection = new RawConnection(rig.port);
    connection.socket.pause();
    connection.send("GET / HTTP/1.0\r\n\r\n");
    await expect.poll(() => sent).toBeGreaterThan(0);
    let before = -1;
    await expect
      .poll(() => {
        const isStill = sent === before;
        before = sent;
        return isStill;
      })
      .toBe(true);
    expect(sent).toBeLessThan(chunks);
    connection.socket.resume();
    const response = await connection.untilClosed();
    expect(response.length - response.indexOf("\r\n\r\n") - 4).toBe(chunk.length * chunks);
  });

  // Answers that are complete here were once left to the client to take, for as long as it liked.
  test("and gives up its place in flight when it leaves whole answers untaken", async () => {
    const rig = await startRig({
      policy: "limits: [{ name: flight, per: [], quota: 1, algorithm: concurrency }]\nconditional: true",
      limits: { bodyIdleTimeoutMs: 100 },
      upstream: (_request, response) => response.end("x".repeat(200 * 1024)),
    });
    await floodUnread(rig.port);
    await expect.poll(async () => (await fetch(rig.url)).status).toBe(200);
  });

  test("and loses its connection when it leaves refusals untaken", async () => {
    const rig = await startRig({
      policy: `
limits: [{ name: all, per: [], quota: 1, window: 1m }]
responses: { limited: { body: ${"x".repeat(100_000)} } }`,
      limits: { bodyIdleTimeoutMs: 100 },
    });
    await floodUnread(rig.port);
    expect((await fetch(rig.url)).status).toBe(429);
  });

  // Its time once ran from when it was made, and took the answer before it along.
  test("and an answer that waits for its turn is not untaken", async () => {
    const first = Promise.withResolvers<ServerResponse>();
    const second = Promise.withResolvers<void>();
    const rig = await startRig({
      limits: { bodyIdleTimeoutMs: 200 },
      upstream: (request, response) => {
        response.write("x".repeat(300_000));
        if (request.url === "/first") return first.resolve(response);
        response.end();
        second.resolve();
      },
    });
    const connection = new RawConnection(rig.port);
    connection.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\nGET /second HTTP/1.1\r\nHost: h\r\n\r\n");
    await second.promise;
    const response = await first.promise;
    // Lasts until someone else's time is up, so that the second answer's would be, too.
    await floodUnread(rig.port);
    response.end("done");
    expect(await connection.until(/done.*HTTP\/1\.1 200.*\r\n0\r\n\r\n$/s)).toContain("done");
  });

  test("and is cut off when it takes nothing at all", async () => {
    const closed = Promise.withResolvers<void>();
    const rig = await startRig({
      limits: { bodyIdleTimeoutMs: 100 },
      upstream: (_request, response) => {
        response.on("close", closed.resolve);
        const more = (): void => {
          while (response.write(Buffer.alloc(64 * 1024)));
          response.once("drain", more);
        };
        more();
      },
    });
    const connection = new RawConnection(rig.port);
    connection.socket.pause();
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await closed.promise;
  });
});

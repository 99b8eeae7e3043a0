import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { RawConnection } from "./raw-connection.ts";
import { startRig } from "./rig.ts";

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

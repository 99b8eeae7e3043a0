import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { bodyOf, RawConnection, statusOf } from "./raw-connection.ts";
import { startRig } from "./rig.ts";

const CAPPED = `
limits:
  - { name: all, per: [], quota: 10, window: 1m }
  - { name: payload, max-body: 1KB }`;

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

describe("a body that is too large", () => {
  test("by its Content-Length is refused before the upstream sees a byte, and nothing is charged", async () => {
    const rig = await startRig({ policy: CAPPED });
    const response = await fetch(rig.url, { method: "POST", body: "x".repeat(1025) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ status: 413 });
    expect(response.headers.get("x-ratelimit-remaining")).toBe("10");
    expect(response.headers.get("retry-after")).toBeNull();
    expect(rig.upstream.seen).toHaveLength(0);
    expect((await fetch(rig.url, { method: "POST", body: "x".repeat(1024) })).status).toBe(200);
  });

  // Closing while it still sends would reset the connection, and the reset would overtake the answer.
  test("is answered to who sends all of it before reading, and wants the connection closed", async () => {
    const rig = await startRig({ policy: CAPPED });
    const size = 10 * 1024 * 1024;
    const socket = connect(rig.port, "127.0.0.1");
    socket.write(`POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`);
    for (let sent = 0; sent < size; sent += 64 * 1024) {
      if (!socket.write(Buffer.alloc(64 * 1024))) await once(socket, "drain");
    }
    expect(statusOf(await textOf(socket))).toBe(413);
  });

  // A body that crosses its cap on the way has made the upstream work: free, it could be sent without end.
  test("is refused at the byte that crosses, stays charged, and the upstream never sees its end", async () => {
    const aborted = Promise.withResolvers<string>();
    const rig = await startRig({
      policy: CAPPED,
      upstream: (request, response) => {
        textOf(request).then(
          () => response.end(),
          (error: Error) => aborted.resolve(error.message),
        );
      },
    });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send(`400\r\n${"x".repeat(1024)}\r\n`);
    await expect.poll(() => rig.upstream.seen.length).toBe(1);
    connection.send("1\r\nx\r\n");
    const response = await connection.until(/\r\n\r\n.+\}$/s);
    expect(statusOf(response)).toBe(413);
    expect(response).toMatch(/^X-RateLimit-Remaining: 9\r$/m);
    expect(await aborted.promise).toBe("aborted");
    const next = await fetch(rig.url);
    expect(next.headers.get("x-ratelimit-remaining")).toBe("8");
  });

  test("at the byte that crosses is given back where the policy gives 413s back", async () => {
    const rig = await startRig({
      policy: `
limits:
  - { name: all, per: [], quota: 10, window: 1m, refund: { status: [413] } }
  - { name: payload, max-body: 1KB }`,
    });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send(`400\r\n${"x".repeat(1024)}\r\n`);
    await expect.poll(() => rig.upstream.seen.length).toBe(1);
    connection.send("1\r\nx\r\n");
    expect(await connection.until(/\}$/)).toMatch(/^X-RateLimit-Remaining: 10\r$/m);
  });

  test("is answered even though the client goes on sending it", async () => {
    const rig = await startRig({ policy: CAPPED });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    for (let i = 0; i < 100; i++) connection.send("x".repeat(10_000));
    connection.send("GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const statuses = (await connection.untilClosed()).match(/HTTP\/1\.1 \d{3}/g);
    expect(statuses).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
    expect(rig.upstream.seen.map(({ url }) => url)).toEqual(["/next"]);
  });
});

describe("an upstream that answers before it has the body", () => {
  const upstream: RequestListener = (request, response) => {
    if (request.method === "GET") response.end("next");
    else response.writeHead(403, { "Content-Length": "2" }).end("no");
  };

  test("is heard, and the connection serves on when the body has run out", async () => {
    const rig = await startRig({ upstream });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    for (let i = 0; i < 50; i++) connection.send("x".repeat(10_000));
    await connection.until(/^HTTP\/1\.1 403 .*no$/s);
    for (let i = 0; i < 50; i++) connection.send("x".repeat(10_000));
    connection.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(await connection.untilClosed()).toMatch(/next$/);
  });

  test("is heard, and a body that does not run out ends the connection", async () => {
    const rig = await startRig({ upstream });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nabc");
    expect(statusOf(await connection.untilClosed())).toBe(403);
  });
});

test("a client that goes away amid its body is no fault of the upstream", async () => {
  const aborted = Promise.withResolvers<void>();
  const rig = await startRig({ upstream: (request) => void request.on("error", () => aborted.resolve()) });
  const connection = new RawConnection(rig.port);
  connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc");
  await expect.poll(() => rig.upstream.seen.length).toBe(1);
  connection.socket.destroy();
  await aborted.promise;
  expect(rig.log).toEqual([]);
});

describe("a limit that must know the body", () => {
  const items = `
limits:
  - { name: items, per: [], quota: 5, window: 1m, cost: { items: /events } }`;

  test("charges what it holds, and the upstream gets it whole", async () => {
    const bodies: string[] = [];
    const rig = await startRig({
      policy: items,
      upstream: (request, response) =>
        void textOf(request).then((text) => {
          bodies.push(text);
          response.end();
        }),
    });
    const body = JSON.stringify({ events: [1, 2, 3] });
    const first = await fetch(rig.url, { method: "POST", body });
    expect(first.headers.get("x-ratelimit-remaining")).toBe("2");
    expect((await fetch(rig.url, { method: "POST", body })).status).toBe(429);
    expect(bodies).toEqual([body]);
  });

  test("refuses as too large what could never be admitted", async () => {
    const rig = await startRig({ policy: items });
    const body = JSON.stringify({ events: [1, 2, 3, 4, 5, 6] });
    const response = await fetch(rig.url, { method: "POST", body });
    expect(response.status).toBe(413);
    expect(response.headers.get("retry-after")).toBeNull();
  });

  test("refuses bodies above what may be buffered", async () => {
    const rig = await startRig({ policy: items, limits: { maxBufferedBodyBytes: 100 } });
    const told = await fetch(rig.url, { method: "POST", body: "x".repeat(101) });
    expect(await told.json()).toMatchObject({ status: 413, code: "HG_REQUEST_TOO_LARGE" });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send(`65\r\n${"x".repeat(101)}\r\n`);
    const response = await connection.until(/\}$/);
    expect(statusOf(response)).toBe(413);
    expect(bodyOf(response)).toMatchObject({ code: "HG_REQUEST_TOO_LARGE" });
    expect(rig.upstream.seen).toHaveLength(0);
  });

  const partOfBody = `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n${"x".repeat(80)}`;

  test("does not wait for the body of a caller that is over another limit anyway", async () => {
    const rig = await startRig({ policy: `${items}\n  - { name: all, per: [], quota: 1, window: 1m }` });
    await fetch(rig.url);
    const response = await new RawConnection(rig.port).send(partOfBody).until(/\}$/);
    expect(statusOf(response)).toBe(429);
    expect(response).toMatch(/^Retry-After: 60\r$/m);
  });

  test("waits for the body where rejected requests are charged what it holds", async () => {
    const policy = `${items.slice(0, -2)}, count-rejected: true }`;
    const rig = await startRig({ policy });
    const body = JSON.stringify({ events: [1, 2, 3] });
    const remaining = async (): Promise<string | null> =>
      (await fetch(rig.url, { method: "POST", body })).headers.get("x-ratelimit-remaining");
    expect([await remaining(), await remaining(), await remaining()]).toEqual(["2", "-1", "-4"]);
  });

  test("holds no more of all bodies than it may, and goes on when there is room again", async () => {
    const rig = await startRig({ policy: items, limits: { maxBufferedBytesTotal: 150 } });
    const first = new RawConnection(rig.port).send(partOfBody);
    const refused = async (): Promise<number> => {
      const response = await new RawConnection(rig.port).send(partOfBody).until(/\r\n\r\n.+\}$/s);
      expect(bodyOf(response)).toMatchObject({ code: "HG_GATEWAY_BUSY" });
      expect(response).toMatch(/^X-RateLimit-Remaining: 5\r$/m);
      return statusOf(response);
    };
    expect(await Promise.race([refused(), first.until(/HG_GATEWAY_BUSY/).then(() => 0)])).toBe(503);
    first.send("x".repeat(20));
    expect(statusOf(await first.until(/\}$/))).toBe(200);
    const next = new RawConnection(rig.port).send(partOfBody).send("x".repeat(20));
    expect(statusOf(await next.until(/\}$/))).toBe(200);
  });

  // Bodies that are not whole are charged to nobody: one caller could fill all the room there is with such.
  test("holds no more of one address's bodies than its share, whatever room there is", async () => {
    const rig = await startRig({
      policy: `callers: { ip: { trusted-proxies: [127.0.0.1] } }\n${items}`,
      limits: { maxBufferedBytesPerAddress: 150 },
    });
    const from = (address: string): RawConnection =>
      new RawConnection(rig.port).send(partOfBody.replace("\r\n", `\r\nX-Forwarded-For: ${address}\r\n`));
    const held = from("1.2.3.4");
    const refused = from("1.2.3.4");
    expect(await Promise.any([held.until(/HG_GATEWAY_BUSY/), refused.until(/HG_GATEWAY_BUSY/)])).toContain("503");
    expect(await from("1.2.3.5").send("x".repeat(20)).until(/\}$/)).toContain("HTTP/1.1 200");
  });

  // A byte now and then, each in time, held a body for as long as anybody liked.
  test("gives up on a body that comes, but takes too long in all", async () => {
    const rig = await startRig({ policy: items, limits: { bufferedBodyTimeoutMs: 100 } });
    const connection = new RawConnection(rig.port).send(partOfBody.slice(0, -80));
    const drip = setInterval(() => connection.send("x"), 10);
    expect(statusOf(await connection.untilClosed().finally(() => clearInterval(drip)))).toBe(408);
  });

  test("counts bytes as told, or by reading where nothing is told", async () => {
    const rig = await startRig({
      policy: "limits: [{ name: bytes, per: [], quota: 100, window: 1m, cost: bytes }]",
    });
    const told = await fetch(rig.url, { method: "POST", body: "x".repeat(30) });
    expect(told.headers.get("x-ratelimit-remaining")).toBe("70");
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    connection.send(`a\r\n${"x".repeat(10)}\r\n0\r\n\r\n`);
    expect(await connection.until(/\}$/)).toMatch(/^X-RateLimit-Remaining: 60\r$/m);
  });

  test("gives up on a body that does not come, and charges nothing", async () => {
    const rig = await startRig({ policy: items, limits: { bodyIdleTimeoutMs: 100 } });
    const connection = new RawConnection(rig.port);
    connection.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    const response = await connection.untilClosed();
    expect(statusOf(response)).toBe(408);
    expect(response).toMatch(/^X-RateLimit-Remaining: 5\r$/m);
  });
});

describe("Expect: 100-continue", () => {
  const head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";

  test("is met once the request is admitted", async () => {
    const rig = await startRig();
    const connection = new RawConnection(rig.port).send(head);
    await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    connection.send("hello");
    expect(await connection.until(/\}$/)).toContain("HTTP/1.1 200 OK");
    expect(rig.upstream.seen[0]?.headers.expect).toBeUndefined();
  });

  test("is not met for a request that is refused", async () => {
    const rig = await startRig({ policy: "limits: [{ name: all, per: [], quota: 1, window: 1m }]" });
    await fetch(rig.url);
    const response = await new RawConnection(rig.port).send(head).untilClosed();
    expect(statusOf(response)).toBe(429);
    expect(response).toMatch(/^Connection: close\r$/im);
  });
});

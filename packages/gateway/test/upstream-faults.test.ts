import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { RawConnection } from "./raw-connection.ts";
import { oneLimit, startRig } from "./rig.ts";

describe("an upstream that does not answer", () => {
  test("is a 502 when nothing listens, with the rate-limit headers, and keeps its charge", async () => {
    const rig = await startRig({ policy: oneLimit(10) });
    await new Promise((resolve) => rig.upstream.server.close(resolve));
    const response = await fetch(rig.url);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ status: 502, code: "HG_UPSTREAM_UNREACHABLE" });
    expect(response.headers.get("x-ratelimit-remaining")).toBe("9");
    expect(rig.log).toContainEqual(
      expect.objectContaining({ level: "warn", event: "upstream-failed", reason: "ECONNREFUSED" }),
    );
  });

  test("gives its charge back where the policy refunds 5xx", async () => {
    const rig = await startRig({
      policy: `limits: [{ name: all, per: [], quota: 10, window: 1m, refund: { status: [5xx] } }]`,
      upstream: (request) => request.socket.destroy(),
    });
    const response = await fetch(rig.url, { method: "POST" });
    expect(response.status).toBe(502);
    expect(response.headers.get("x-ratelimit-remaining")).toBe("10");
  });

  test("is a 502 when it hangs up, or does not speak HTTP", async () => {
    for (const answer of ["", "I am no web server\r\n\r\n"]) {
      const port = await listen((socket) => socket.once("data", () => socket.end(answer)));
      const rig = await startRig();
      rig.gateway.reload({ ...rig.policy("limits: []"), upstream: http(port) });
      const response = await fetch(rig.url, { method: "POST", body: "x" });
      expect(await response.json()).toMatchObject({ status: 502, code: "HG_UPSTREAM_BROKEN" });
    }
  });

  test("is a 504 when it takes too long", async () => {
    const rig = await startRig({ limits: { upstreamHeadersTimeoutMs: 50 }, upstream: () => {} });
    const response = await fetch(`${rig.url}/slow?token=secret`);
    expect(await response.json()).toMatchObject({ status: 504, code: "HG_UPSTREAM_TIMEOUT" });
    expect(JSON.stringify(rig.log)).not.toContain("secret");
  });

  test("is a 503 when too many wait for it already", async () => {
    const rig = await startRig({ policy: oneLimit(10), limits: { maxUpstreamRequests: 1 }, upstream: () => {} });
    const first = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await expect.poll(() => rig.upstream.seen.length).toBe(1);
    const response = await fetch(rig.url);
    expect(await response.json()).toMatchObject({ status: 503, code: "HG_UPSTREAM_BUSY" });
    expect(response.headers.get("x-ratelimit-remaining")).toBe("9");
    first.socket.destroy();
  });
});

test("an answer that breaks off is cut off for the client too", async () => {
  const rig = await startRig({
    upstream: (_request, response) => {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("the beginning");
      setImmediate(() => response.destroy());
    },
  });
  const response = await fetch(rig.url);
  await expect(response.text()).rejects.toThrow();
});

test("a connection that the upstream closed while idle costs no request", async () => {
  let answers = 0;
  const port = await listen((socket) => {
    socket.on("data", () => {
      answers++;
      // The second request on a connection finds it closed.
      if (socket.bytesWritten > 0) socket.destroy();
      else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  const rig = await startRig();
  rig.gateway.reload({ ...rig.policy("limits: []"), upstream: http(port) });
  expect((await fetch(rig.url)).status).toBe(200);
  expect((await fetch(rig.url)).status).toBe(200);
  expect(answers).toBe(3);
  expect((await fetch(rig.url, { method: "DELETE" })).status).toBe(200);
});

test("a client that goes away takes its request to the upstream with it", async () => {
  const closed = Promise.withResolvers<void>();
  const rig = await startRig({
    limits: { upstreamConnections: 1 },
    upstream: (request, response) => {
      if (request.url === "/ok") return void response.end("ok");
      response.on("close", closed.resolve);
    },
  });
  const connection = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await expect.poll(() => rig.upstream.seen.length).toBe(1);
  connection.socket.destroy();
  await closed.promise;
  expect((await fetch(`${rig.url}/ok`)).status).toBe(200);
});

test("a client that goes away from a pipeline takes all its requests with it", async () => {
  let open = 0;
  const rig = await startRig({
    policy: "limits: [{ name: flight, per: [], quota: 2, algorithm: concurrency }]",
    upstream: (request, response) => {
      if (request.url === "/ok") return void response.end("ok");
      open++;
      response.on("close", () => open--);
    },
  });
  const connection = new RawConnection(rig.port).send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2));
  await expect.poll(() => open).toBe(2);
  expect((await fetch(`${rig.url}/ok`)).status).toBe(429);
  connection.socket.destroy();
  await expect.poll(() => open).toBe(0);
  await expect.poll(async () => (await fetch(`${rig.url}/ok`)).status).toBe(200);
});

function http(port: number): { kind: "http"; url: URL } {
  return { kind: "http", url: new URL(`http://127.0.0.1:${port}`) };
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as { port: number }).port;
}

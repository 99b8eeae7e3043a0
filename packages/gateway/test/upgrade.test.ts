import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { RawConnection, statusOf } from "./raw-connection.ts";
import { type Rig, startRig } from "./rig.ts";

async function startEcho(policy: string): Promise<{ rig: Rig; sockets: WebSocketServer }> {
  const rig = await startRig({ policy });
  const sockets = new WebSocketServer({ server: rig.upstream.server });
  sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(`echo ${data}`)));
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
  });
  return { rig, sockets };
}

function open(rig: Rig): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/live`);
  onTestFinished(() => socket.terminate());
  return socket;
}

const FLIGHT = "limits: [{ name: flight, per: [], quota: 1, algorithm: concurrency }]";
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

describe("a WebSocket", () => {
  test("passes both ways, and its handshake carries the rate-limit headers", async () => {
    const { rig } = await startEcho("limits: [{ name: all, per: [], quota: 5, window: 1m }]");
    const socket = open(rig);
    const [[handshake]] = await Promise.all([once(socket, "upgrade"), once(socket, "open")]);
    expect(handshake.headers["x-ratelimit-remaining"]).toBe("4");
    socket.send("hello");
    expect(String((await once(socket, "message"))[0])).toBe("echo hello");
    const large = "x".repeat(1_000_000);
    socket.send(large);
    expect(String((await once(socket, "message"))[0])).toBe(`echo ${large}`);
  });

  test("holds its place in flight until it closes", async () => {
    const { rig } = await startEcho(FLIGHT);
    const socket = open(rig);
    await once(socket, "open");
    expect((await fetch(rig.url)).status).toBe(429);
    socket.close();
    await once(socket, "close");
    await expect.poll(async () => (await fetch(rig.url)).status).toBe(200);
  });

  test("closes when the upstream closes", async () => {
    const { rig, sockets } = await startEcho(FLIGHT);
    const socket = open(rig);
    await once(socket, "open");
    for (const client of sockets.clients) client.terminate();
    expect((await once(socket, "close"))[0]).toBe(1006);
    await expect.poll(async () => (await fetch(rig.url)).status).toBe(200);
  });

  test("is refused like any request", async () => {
    const { rig } = await startEcho("limits: [{ name: all, per: [], quota: 1, window: 1m }]");
    await fetch(rig.url);
    const response = await new RawConnection(rig.port)
      .send(`GET / HTTP/1.1\r\nHost: h\r\n${UPGRADE}\r\n`)
      .untilClosed();
    expect(statusOf(response)).toBe(429);
    expect(response).toMatch(/^Retry-After: 60\r$/m);
  });
});

test("an upstream that does not switch answers as to any request", async () => {
  const rig = await startRig({
    policy: FLIGHT,
    upstream: (_request, response) => {
      response.writeHead(401, { "Content-Type": "text/plain" });
      response.end("who are you?");
    },
  });
  const response = await new RawConnection(rig.port).send(`GET / HTTP/1.1\r\nHost: h\r\n${UPGRADE}\r\n`).untilClosed();
  expect(statusOf(response)).toBe(401);
  expect(response).toContain("who are you?");
  expect((await fetch(rig.url)).status).toBe(401);
});

test("an upstream that cannot be reached is a 502", async () => {
  const rig = await startRig();
  await new Promise((resolve) => rig.upstream.server.close(resolve));
  const response = await new RawConnection(rig.port).send(`GET / HTTP/1.1\r\nHost: h\r\n${UPGRADE}\r\n`).untilClosed();
  expect(statusOf(response)).toBe(502);
});

test("an offer of h2c is ignored, and the request served", async () => {
  const rig = await startRig();
  const head = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n";
  const response = await new RawConnection(rig.port).send(`${head}HTTP2-Settings: AA\r\n\r\n`).untilClosed();
  expect(statusOf(response)).toBe(200);
  expect(rig.upstream.seen[0]?.headers).not.toHaveProperty("http2-settings");
});

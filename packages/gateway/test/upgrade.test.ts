import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { MemoryStore } from "@headgate/core";
import { DEFAULT_TRANSPORT_LIMITS } from "@headgate/gateway";
import { WithoutStore } from "@headgate/policy";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { BodyBudget } from "../src/body-budget.ts";
import { DecisionTally } from "../src/decision-tally.ts";
import { createFrontServer } from "../src/front-server.ts";
import type { Surroundings } from "../src/site.ts";
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

// In a tunnel of another protocol, further requests would pass uncounted.
test.each(["h2c", "h2c, websocket", "websocket, h2c", "h2c,", "foo", "websocket\r\nUpgrade: h2c"])(
  "an offer of %j is ignored, and the request served",
  async (protocols) => {
    const rig = await startRig();
    const head = `GET / HTTP/1.1\r\nHost: h\r\nConnection: close, Upgrade\r\nUpgrade: ${protocols}\r\n`;
    const response = await new RawConnection(rig.port).send(`${head}HTTP2-Settings: AA\r\n\r\n`).untilClosed();
    expect(statusOf(response)).toBe(200);
    expect(rig.upstream.seen[0]?.headers).not.toHaveProperty("upgrade");
    expect(rig.upstream.seen[0]?.headers).not.toHaveProperty("http2-settings");
  },
);

// One packet of this once ended the process.
test("an upgrade behind a request that is being answered is served as an ordinary request", async () => {
  const answer = Promise.withResolvers<void>();
  const rig = await startRig({
    upstream: (request, response) => {
      if (request.url === "/slow") void answer.promise.then(() => response.end("slow"));
      else response.end("plain");
    },
  });
  const connection = new RawConnection(rig.port);
  connection.send(`GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /ws HTTP/1.1\r\nHost: h\r\n${UPGRADE}\r\n`);
  await expect.poll(() => rig.upstream.seen.length).toBe(2);
  answer.resolve();
  expect(await connection.until(/plain$/)).toMatch(/slowHTTP\/1\.1 200/);
});

test("a fault amid an upgrade ends the connection, not the process", async () => {
  const events: string[] = [];
  const note = (event: string): void => void events.push(event);
  const surroundings: Surroundings = {
    store: new MemoryStore({ maxPartitions: 1 }),
    withoutStore: new WithoutStore(),
    clock: () => 0,
    log: { info: note, warn: note, error: note },
    limits: DEFAULT_TRANSPORT_LIMITS,
    control: undefined,
    suspender: undefined,
    limitWatch: undefined,
    tally: new DecisionTally(() => {}),
    bodyBudget: new BodyBudget(0, 0),
    isDraining: false,
    pagesOf: undefined,
  };
  const server = createFrontServer(surroundings, () => {
    throw new Error("no site");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const connection = new RawConnection(port).send(`GET / HTTP/1.1\r\nHost: h\r\n${UPGRADE}\r\n`);
  expect(await connection.untilClosed()).toBe("");
  expect(events).toEqual(["connection-failed"]);
});

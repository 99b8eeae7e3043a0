import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect, type Server as NetServer, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAcceptor } from "../src/acceptor.ts";
import { handedConnections } from "../src/handed-connections.ts";
import { toHandover } from "../src/handover.ts";
import { exchangeRaw, RawConnection, statusOf } from "./raw-connection.ts";

const secret = randomBytes(32);

describe("a connection that the acceptor hands to a worker", () => {
  test("shows the client's address and port, for as many requests as it carries", async () => {
    const { port } = await startWorkers([
      (req, res) => res.end(`${req.socket.remoteAddress} ${req.socket.remotePort}`),
    ]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const seen = new Set<string>();
    let own = "";
    for (let i = 0; i < 5; i++) {
      const response = await get(port, agent);
      own = `127.0.0.1 ${response.socket.localPort}`;
      seen.add(await text(response));
    }
    expect([...seen]).toEqual([own]);
  });

  test("carries requests that come in one piece, and answers them in order", async () => {
    const { port } = await startWorkers([(req, res) => res.end(`<${req.url}>`)]);
    const connection = new RawConnection(port);
    const requests = ["/a", "/b", "/c"].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const answers = await connection.send(requests.join("")).until(/<\/c>/);
    expect(answers.match(/<\/\w>/g)).toEqual(["</a>", "</b>", "</c>"]);
  });

  test("carries large bodies both ways unchanged, at once", async () => {
    const { port } = await startWorkers([(req, res) => req.pipe(res)]);
    const body = randomBytes(8 * 2 ** 20);
    const outgoing = request({ port, host: "127.0.0.1", method: "POST", agent: false });
    outgoing.end(body);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    expect((await buffer(response)).equals(body)).toBe(true);
  });

  test("is still answered when the client has ended its side", async () => {
    const { port } = await startWorkers([
      (req, res) => void req.resume().on("end", () => setImmediate(() => res.end("late"))),
    ]);
    const connection = new RawConnection(port);
    connection.socket.end("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await connection.untilClosed()).toContain("late");
  });

  test("is ended by the worker's end of it", async () => {
    const { port } = await startWorkers([(_, res) => res.end("bye")]);
    const answer = await exchangeRaw(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    expect(answer).toContain("bye");
  });

  test("is broken off at the worker when the client breaks it off", async () => {
    const arrived = Promise.withResolvers<IncomingMessage>();
    const { port } = await startWorkers([(req) => arrived.resolve(req.on("error", () => {}).resume())]);
    const connection = new RawConnection(port).send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    const req = await arrived.promise;
    const gone = new Promise((resolve) => req.socket.on("close", resolve));
    connection.socket.resetAndDestroy();
    await gone;
    expect(req.complete).toBe(false);
  });

  test("is broken off at the client when the worker breaks it off", async () => {
    const { port } = await startWorkers([(req) => req.socket.resetAndDestroy()]);
    const connection = new RawConnection(port).send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const [error] = await once(connection.socket, "error");
    expect(error).toMatchObject({ code: "ECONNRESET" });
  });

  test("that has said nothing has sent no byte, and one that is idle is known as such", async () => {
    const { port, servers } = await startWorkers([(_, res) => res.end("ok")]);
    const [server] = servers as [Server];
    const silent = once(server, "connection");
    const connection = new RawConnection(port);
    const [socket] = (await silent) as [Socket];
    expect(socket.bytesRead).toBe(0);
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await connection.until(/ok$/);
    expect(socket.bytesRead).toBe(27);
    server.closeIdleConnections();
    expect(statusOf(await connection.untilClosed())).toBe(200);
  });
});

describe("an acceptor", () => {
  test("gives each connection to the worker with the fewest", async () => {
    const { port } = await startWorkers(["one", "two"].map((name) => (_, res) => res.end(name)));
    const names: string[] = [];
    const say = async (connection: RawConnection): Promise<string> =>
      (await connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").until(/(one|two)$/)).slice(-3);
    const connections = [];
    for (let i = 0; i < 4; i++) {
      const connection = new RawConnection(port);
      connections.push(connection);
      names.push(await say(connection));
    }
    expect(names.toSorted()).toEqual(["one", "one", "two", "two"]);
  });

  test("passes by a worker that has gone, and closes the connection when all have", async () => {
    const { port, listeners } = await startWorkers(["one", "two"].map((name) => (_, res) => res.end(name)));
    const [first, second] = listeners as [NetServer, NetServer];
    const ask = () => exchangeRaw(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await closed(first);
    expect(await ask()).toContain("two");
    expect(await ask()).toContain("two");
    await closed(second);
    expect(await ask()).toBe("");
  });

  test("keeps no connection that both have ended", async () => {
    const { port, acceptor } = await startWorkers([(_, res) => res.end("ok")]);
    for (let i = 0; i < 10; i++) await exchangeRaw(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await closed(acceptor);
  });
});

test("a client that stays when the worker has ended the connection is shown out", async () => {
  const { port, acceptor } = await startWorkers([(_, res) => res.end("bye")], { partingMs: 1 });
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  client.on("error", () => {}).write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect(await text(client)).toContain("bye");
  await closed(acceptor);
});

describe("a worker's listener", () => {
  const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const peer = { address: "2001:db8::7", port: 4242 };

  test("takes a handover in one piece with what follows it, or byte by byte", async () => {
    const port = await startWorker((req, res) => res.end(`${req.socket.remoteAddress} ${req.socket.remoteFamily}`));
    const bytes = Buffer.concat([toHandover(secret, peer), Buffer.from(get)]);
    const whole = new RawConnection(port);
    whole.socket.write(bytes);
    const pieces = new RawConnection(port);
    pieces.socket.setNoDelay();
    for (const byte of bytes) await new Promise((resolve) => pieces.socket.write(Buffer.of(byte), resolve));
    for (const connection of [whole, pieces]) expect(await connection.untilClosed()).toContain("2001:db8::7 IPv6");
  });

  test.each([
    ["plain HTTP", Buffer.from(get.padEnd(80))],
    ["another secret", Buffer.concat([toHandover(randomBytes(32), peer), Buffer.from(get)])],
    ["a secret that differs in its last bit", flipped(Buffer.concat([toHandover(secret, peer), Buffer.from(get)]))],
  ])("cuts off %s, and no request comes of it", async (_, bytes) => {
    let requests = 0;
    const port = await startWorker((_, res) => {
      requests += 1;
      res.end();
    });
    const connection = new RawConnection(port);
    connection.socket.write(bytes);
    expect(await connection.untilClosed()).toBe("");
    expect(requests).toBe(0);
  });

  test("cuts off what says nothing", async () => {
    const listener = handedConnections(createServer(), secret, 1);
    const port = await listen(listener);
    expect(await new RawConnection(port).untilClosed()).toBe("");
    await closed(listener);
  });

  test("cuts off what ends before it has said where it comes from", async () => {
    const port = await startWorker((_, res) => res.end());
    const connection = new RawConnection(port);
    connection.socket.end(toHandover(secret, peer).subarray(0, 34));
    expect(await connection.untilClosed()).toBe("");
  });
});

function flipped(bytes: Buffer): Buffer {
  bytes[31] = (bytes[31] as number) ^ 1;
  return bytes;
}

/** A worker's listener alone; its port. */
async function startWorker(handler: RequestListener): Promise<number> {
  const { listeners } = await startWorkers([handler]);
  const [listener] = listeners as [NetServer];
  return (listener.address() as AddressInfo).port;
}

/** An acceptor before a server for each handler. */
async function startWorkers(handlers: readonly RequestListener[], options?: { readonly partingMs: number }) {
  const servers = handlers.map((handler) => createServer(handler));
  const listeners = servers.map((server) => handedConnections(server, secret));
  const ports = await Promise.all(listeners.map(listen));
  const acceptor = createAcceptor({ workers: () => ports.map((port) => ({ port })), secret, ...options });
  const port = await listen(acceptor);
  onTestFinished(() => {
    acceptor.close();
    for (const listener of listeners) listener.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });
  return { port, acceptor, servers, listeners };
}

async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function closed(server: NetServer): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}

async function get(port: number, agent: Agent): Promise<IncomingMessage> {
  const outgoing = request({ port, host: "127.0.0.1", agent }).end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

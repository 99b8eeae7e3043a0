import { once } from "node:events";
import { connect } from "node:net";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Rig, startRig, TOKEN } from "./rig.ts";

async function listening(): Promise<{ rig: Rig; port: number; url: string }> {
  const rig = await startRig();
  const url = await rig.app.listen({ port: 0, host: "127.0.0.1" });
  return { rig, port: Number(new URL(url).port), url };
}

/** Sends bytes and gives what comes back until the other side closes, and how much of what was sent could be. */
function exchange(port: number, chunks: Iterable<string>): Promise<{ answer: string; sent: number }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let answer = "";
    let sent = 0;
    const left = chunks[Symbol.iterator]();
    const write = (): void => {
      for (let next = left.next(); !next.done; next = left.next()) {
        sent += next.value.length;
        if (!socket.write(next.value)) return void socket.once("drain", write);
      }
    };
    socket.setEncoding("utf8").on("data", (data) => {
      answer += data;
    });
    socket.on("connect", write).on("close", () => resolve({ answer, sent }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
  });
}

function* body(head: string, bytes: number, frame: (chunk: string) => string): Generator<string> {
  yield head;
  const chunk = "x".repeat(64 * 1024);
  for (let sent = 0; sent < bytes; sent += chunk.length) yield frame(chunk);
}

const HEAD = `POST /admin/v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`;
const AUTHORIZED = `${HEAD}Authorization: Bearer ${TOKEN}\r\n`;
const HUGE = 100 * 1024 * 1024;

describe("a body far too large", () => {
  test.each([
    ["with its length", `${AUTHORIZED}Content-Length: ${HUGE}\r\n\r\n`, (chunk: string) => chunk, 413],
    [
      "in chunks",
      `${AUTHORIZED}Transfer-Encoding: chunked\r\n\r\n`,
      (chunk: string) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`,
      413,
    ],
    ["from nobody", `${HEAD}Content-Length: ${HUGE}\r\n\r\n`, (chunk: string) => chunk, 401],
  ])("%s is refused without being read", async (_kind, head, frame, status) => {
    const { rig, port } = await listening();
    const { answer, sent } = await exchange(port, body(head, HUGE, frame));
    expect(answer.split("\r\n", 1)[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain("\r\nconnection: close");
    expect(sent).toBeLessThan(HUGE / 2);
    expect(await rig.auditEntries()).toBe(0);
  });

  test("of 10 MB gets its problem document", async () => {
    const { url } = await listening();
    const response = await fetch(`${url}/admin/v1/accounts`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "x".repeat(10 * 1024 * 1024) }),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ status: 413, code: "HG_ADMIN_TOO_LARGE" });
  });
});

test("what is no HTTP gets a problem, too", async () => {
  const { port } = await listening();
  const { answer } = await exchange(port, ["GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n"]);
  expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/);
  expect(answer).toContain("HG_ADMIN_REQUEST");
  const large = await exchange(port, [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}\r\n\r\n`]);
  expect(large.answer).toMatch(/^HTTP\/1.1 431 /);
});

test("a connection that could not be understood is closed, whether its other side closes or not", async () => {
  const { rig, port } = await listening();
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.resume().write("GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n");
  await once(socket, "end");
  const connections = promisify(rig.app.server.getConnections.bind(rig.app.server));
  await expect.poll(() => connections(), { timeout: 5000 }).toBe(0);
  socket.destroy();
});

test("answers say nothing of what made them, and are kept by no one", async () => {
  const { url } = await listening();
  for (const path of ["/healthz", "/admin/v1/accounts", "/nothing"]) {
    const { headers } = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect([headers.get("server"), headers.get("x-powered-by"), headers.get("cache-control")]).toEqual([
      null,
      null,
      "no-store",
    ]);
  }
});

test("a connection is used again after a refusal", async () => {
  const { port } = await listening();
  const { answer } = await exchange(port, [
    `${HEAD}Content-Length: 2\r\n\r\n{}`,
    `${AUTHORIZED}Content-Length: 12\r\n\r\n{"name":"a"}`,
    "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  ]);
  expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 401", "HTTP/1.1 201", "HTTP/1.1 200"]);
});

test("a client that sends all of 10 MB before it reads, and wants the connection closed, still gets its problem", async () => {
  const { port } = await listening();
  const size = 10 * 1024 * 1024;
  const head = `${AUTHORIZED}Connection: close\r\nContent-Length: ${size}\r\n\r\n`;
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  for (const part of body(head, size, (chunk) => chunk)) if (!socket.write(part)) await once(socket, "drain");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 413 [\s\S]*HG_ADMIN_TOO_LARGE/);
});

import { createServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { AddressGuard } from "../../src/webhooks/address-guard.ts";
import type { Resolve } from "../../src/webhooks/name-resolution.ts";
import { Sender } from "../../src/webhooks/sender.ts";
import { START } from "../rig.ts";
import { listen, openReceiver } from "./receiver.ts";

const LOOPBACK = ["127.0.0.0/8"];
const MEGABYTE = Buffer.alloc(2 ** 20, "x");

function openSender(
  options: { networks?: readonly string[]; resolve?: Resolve; timeoutMs?: number; clock?: () => number } = {},
): Sender {
  const { networks = LOOPBACK, resolve, timeoutMs, clock = () => START } = options;
  const guard = new AddressGuard({ networks: () => networks, resolve });
  const sender = new Sender({ guard, clock, timeoutMs });
  onTestFinished(() => sender.close());
  return sender;
}

const message = (url: string) => ({ url, headers: { "webhook-id": "msg_1" }, body: '{"é": 1}' });

describe("a message", () => {
  test("is posted as it is, and taken where the answer is 2xx", async () => {
    const receiver = await openReceiver((_request, response) => response.writeHead(202).end("thanks"));
    const result = await openSender().send(message(`${receiver.url}hooks?a=b%20c`));
    expect(result).toEqual({
      ok: true,
      status: 202,
      error: undefined,
      response: "thanks",
      retryAfterMs: undefined,
      isGone: false,
      durationMs: 0,
    });
    expect(receiver.requests).toMatchObject([
      {
        method: "POST",
        path: "/hooks?a=b%20c",
        body: '{"é": 1}',
        headers: {
          "webhook-id": "msg_1",
          "user-agent": "Headgate-Webhooks/1",
          "content-type": "application/json",
          "content-length": "9",
        },
      },
    ]);
  });

  test("goes over the connection of the one before", async () => {
    const receiver = await openReceiver((_request, response) => response.end("ok"));
    const sender = openSender();
    for (let i = 0; i < 3; i++) {
      await sender.send(message(receiver.url));
      await setImmediate();
    }
    expect(receiver.requests).toHaveLength(3);
    expect(receiver.connections).toHaveLength(1);
  });

  test("takes as long as the clock says, and never less than nothing", async () => {
    const receiver = await openReceiver();
    const times = [START, START + 40, START, START - 40];
    const sender = openSender({ clock: () => times.shift() ?? 0 });
    expect(await sender.send(message(receiver.url))).toMatchObject({ durationMs: 40 });
    expect(await sender.send(message(receiver.url))).toMatchObject({ durationMs: 0 });
  });
});

describe("an answer", () => {
  test("of another status is a failed attempt", async () => {
    for (const status of [400, 404, 429, 500, 503]) {
      const receiver = await openReceiver((_request, response) => response.writeHead(status).end("no"));
      expect(await openSender().send(message(receiver.url))).toMatchObject({
        ok: false,
        status,
        error: `answered ${status}`,
        response: "no",
        isGone: false,
      });
    }
  });

  test("of 410 says that the receiver is gone", async () => {
    const receiver = await openReceiver((_request, response) => response.writeHead(410).end());
    expect(await openSender().send(message(receiver.url))).toMatchObject({ ok: false, isGone: true });
  });

  test("that redirects is a failed attempt, and not followed", async () => {
    const inside = await openReceiver();
    for (const status of [301, 302, 303, 307, 308]) {
      const receiver = await openReceiver((_request, response) =>
        response.writeHead(status, { location: inside.url }).end(),
      );
      expect(await openSender().send(message(receiver.url))).toMatchObject({
        ok: false,
        status,
        error: `answered ${status}, a redirect, which is not followed`,
      });
    }
    expect(inside.requests).toEqual([]);
  });

  test("may ask for patience, in seconds or until a date", async () => {
    const values = ["120", new Date(START + 60_000).toUTCString(), "soon"];
    const receiver = await openReceiver((_request, response) =>
      response.writeHead(503, { "retry-after": values.shift() }).end(),
    );
    const sender = openSender();
    expect(await sender.send(message(receiver.url))).toMatchObject({ retryAfterMs: 120_000 });
    expect(await sender.send(message(receiver.url))).toMatchObject({ retryAfterMs: 60_000 });
    expect(await sender.send(message(receiver.url))).toMatchObject({ retryAfterMs: undefined });
  });

  test("that never ends is read for 1 KiB, and then its connection is ended", async () => {
    const receiver = await openReceiver((_request, response) => {
      const flood = () => {
        while (!response.destroyed && response.write(MEGABYTE));
      };
      response.writeHead(200).on("drain", flood);
      flood();
    });
    const result = await openSender().send(message(receiver.url));
    expect(result).toMatchObject({ ok: true, response: "x".repeat(1024) });
    await expect.poll(() => receiver.connections[0]?.destroyed).toBe(true);
  });

  test("whose body comes too slowly, or breaks off, is what its status says", async () => {
    const slow = await openReceiver((_request, response) => void response.writeHead(200).write("half"));
    expect(await openSender({ timeoutMs: 150 }).send(message(slow.url))).toMatchObject({ ok: true, response: "half" });
    const broken = await openReceiver((_request, response) => {
      response.writeHead(500, { "content-length": 10 }).write("half", () => response.destroy());
    });
    expect(await openSender().send(message(broken.url))).toMatchObject({ status: 500, response: "half" });
  });

  test("that is no text is kept as such text that every database takes", async () => {
    const bytes = Buffer.concat([Buffer.from("a\0b"), Buffer.from([0xff]), Buffer.from("é".repeat(1024))]);
    const receiver = await openReceiver((_request, response) => response.end(bytes));
    const { response = "" } = await openSender().send(message(receiver.url));
    expect(response).toMatch(/^a\u{fffd}b\u{fffd}é{510}$/u);
  });
});

describe("a receiver that does not answer", () => {
  test("in time has failed, wherever it was slow", async () => {
    const silent = await openReceiver(() => {});
    const { port: deaf } = await listen(createServer());
    const dribbling = await listen(
      createServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        const timer = setInterval(() => socket.write("a: b\r\n"), 10);
        socket.on("close", () => clearInterval(timer));
      }),
    );
    const sender = openSender({ timeoutMs: 150, resolve: () => new Promise(() => {}) });
    const urls = [silent.url, `http://127.0.0.1:${deaf}/`, `http://127.0.0.1:${dribbling.port}/`, "http://slow.test/"];
    for (const url of urls) {
      expect(await sender.send(message(url)), url).toEqual({
        ok: false,
        status: undefined,
        error: "did not answer within 0.15 s",
        response: undefined,
        retryAfterMs: undefined,
        isGone: false,
        durationMs: 0,
      });
    }
  });

  test("at all has failed, in words for its owner", async () => {
    const closing = await listen(createServer((socket) => socket.on("data", () => socket.end())));
    const babbling = await listen(createServer((socket) => socket.on("data", () => socket.end("SSH-2.0-x\r\n\r\n"))));
    const boastful = await listen(
      createServer((socket) => socket.end(`HTTP/1.1 200 OK\r\na: ${"b".repeat(100_000)}\r\n\r\n`)),
    );
    const { port: plain } = await openReceiver();
    const tls = await listen(createTlsServer({}));
    const free = await freePort();
    const errors: Record<string, string> = {
      [`http://127.0.0.1:${free}/`]: "refused the connection",
      [`http://127.0.0.1:${closing.port}/`]: "closed the connection before it had answered",
      [`http://127.0.0.1:${babbling.port}/`]: "answered with what is not HTTP",
      [`http://127.0.0.1:${boastful.port}/`]: "answered with headers that are too large",
      [`https://127.0.0.1:${plain}/`]: "does not speak TLS, or none that is taken here",
      [`https://127.0.0.1:${tls.port}/`]: "does not speak TLS, or none that is taken here",
      "http://nowhere.test/": "the name nowhere.test does not resolve",
      "http://10.0.0.1/": "the address 10.0.0.1 is not one that webhooks may go to",
      "http://[::1]/": "the address ::1 is not one that webhooks may go to",
      "http://inside.test/": "the name inside.test leads to an address that webhooks may not go to",
    };
    const addresses: Record<string, string[]> = { "inside.test": ["127.0.0.1", "10.0.0.1"] };
    const sender = openSender({ resolve: async (name) => addresses[name] ?? [] });
    for (const [url, error] of Object.entries(errors)) {
      expect(await sender.send(message(url)), url).toMatchObject({ ok: false, status: undefined, error });
    }
  });
});

describe("the loopback", () => {
  test("is not reached where no network is opened, by address or by name", async () => {
    const receiver = await openReceiver();
    const sender = openSender({ networks: [], resolve: async () => ["127.0.0.1"] });
    for (const host of ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "rebound.test"]) {
      const { ok } = await sender.send(message(`http://${host}:${receiver.port}/`));
      expect(ok, host).toBe(false);
      await sender.redirectOf(`http://${host}:${receiver.port}/`).catch(() => {});
    }
    expect(receiver.connections).toEqual([]);
  });

  test("is not reached by a name that leads elsewhere when it is asked again", async () => {
    const receiver = await openReceiver((_request, response) => response.end("ok"));
    // Two loopback addresses, of which one network is open: the name leads there first, and then inside.
    const answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"]];
    let asked = 0;
    const resolve = async () => answers[asked++] ?? ["127.0.0.2"];
    const send = async () => {
      const sender = openSender({ networks: ["127.0.0.1/32"], resolve });
      return sender.send(message(`http://rebinding.test:${receiver.port}/`));
    };
    expect(await send()).toMatchObject({ ok: true });
    // Each connection asks once, and goes to what it was told then.
    expect(asked).toBe(1);
    const error = "the name rebinding.test leads to an address that webhooks may not go to";
    for (let i = 0; i < 3; i++) expect(await send()).toMatchObject({ ok: false, error });
    expect(receiver.connections).toHaveLength(1);
    expect(receiver.connections[0]?.localAddress).toBe("127.0.0.1");
  });
});

describe("a URL that is asked whether it redirects", () => {
  test("says where, in full, and is asked by HEAD", async () => {
    const receiver = await openReceiver((_request, response) => response.writeHead(301, { location: "/there" }).end());
    expect(await openSender().redirectOf(receiver.url)).toBe(`${receiver.url}there`);
    expect(receiver.requests).toMatchObject([{ method: "HEAD", body: "" }]);
  });

  test("does not where it answers otherwise, or not", async () => {
    for (const status of [200, 204, 304, 404, 405, 500]) {
      const receiver = await openReceiver((_request, response) => response.writeHead(status).end());
      expect(await openSender().redirectOf(receiver.url), String(status)).toBeUndefined();
    }
    const silent = await openReceiver(() => {});
    expect(await openSender({ timeoutMs: 100 }).redirectOf(silent.url)).toBeUndefined();
    expect(await openSender().redirectOf(`http://127.0.0.1:${await freePort()}/`)).toBeUndefined();
  });

  test("may answer HEAD with a body against all rules", async () => {
    const { port } = await listen(
      createServer((socket) => {
        socket.on("data", () =>
          socket.write("HTTP/1.1 302 Found\r\nLocation: http://a.test/\r\nContent-Length: 9\r\n\r\nabcdefghi"),
        );
      }),
    );
    expect(await openSender().redirectOf(`http://127.0.0.1:${port}/`)).toBe("http://a.test/");
  });
});

test("closing ends what is under way", async () => {
  const receiver = await openReceiver(() => {});
  const sender = openSender();
  const sending = sender.send(message(receiver.url));
  await expect.poll(() => receiver.requests.length).toBe(1);
  await sender.close();
  expect(await sending).toMatchObject({ ok: false });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

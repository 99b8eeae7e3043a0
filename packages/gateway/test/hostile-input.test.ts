import { beforeEach, describe, expect, test } from "vitest";
import { bodyOf, exchangeRaw, RawConnection, statusOf } from "./raw-connection.ts";
import { oneLimit, type Rig, startRig } from "./rig.ts";

let rig: Rig;

beforeEach(async () => {
  rig = await startRig({
    policy: oneLimit(1000),
    limits: { headersTimeoutMs: 200, bodyIdleTimeoutMs: 200 },
  });
});

/** Expects a refusal as a problem, that the upstream saw nothing, and that the gateway still serves. */
async function expectRefused(response: string, status: number, code: string): Promise<void> {
  expect(statusOf(response), response.slice(0, 200)).toBe(status);
  expect(bodyOf(response)).toMatchObject({ status, code });
  expect(response).toMatch(/^Content-Type: application\/problem\+json\r$/im);
  expect(rig.upstream.seen).toHaveLength(0);
  expect((await fetch(rig.url)).status).toBe(200);
}

describe("what is not HTTP in exactly one reading is refused", () => {
  const malformed: Record<string, string> = {
    "two Content-Lengths": "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "Content-Length beside Transfer-Encoding":
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a Content-Length that is no number": "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
    "a NUL in a header": "GET / HTTP/1.1\r\nHost: h\r\nX-A: a\0b\r\n\r\n",
    "an unknown method": "BREW / HTTP/1.1\r\nHost: h\r\n\r\n",
    "a header folded over lines": "GET / HTTP/1.1\r\nHost: h\r\nX-A: a\r\n b\r\n\r\n",
    "a space before a header's colon": "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
    "a bare line feed between headers": "GET / HTTP/1.1\nHost: h\n\n",
    "a chunk that has no size": "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    noise: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a control character in the query": "GET /?a=\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
  };
  test.each(Object.keys(malformed))("%s", async (name) => {
    const response = await exchangeRaw(rig.port, malformed[name] as string);
    expect(statusOf(response), response).toBe(400);
    expect(bodyOf(response)).toMatchObject({ status: 400, code: "HG_REQUEST_MALFORMED" });
    expect((await fetch(rig.url)).status).toBe(200);
  });

  test("a transfer coding other than chunked", async () => {
    const head = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n";
    await expectRefused(await exchangeRaw(rig.port, head), 400, "HG_REQUEST_MALFORMED");
  });
});

describe("the Host header must be one", () => {
  test.each([
    ["none", ""],
    ["two", "Host: a\r\nHost: b\r\n"],
    ["one that is no host", "Host: a/b\r\n"],
  ])("%s", async (_, host) => {
    const response = await exchangeRaw(rig.port, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
    await expectRefused(response, 400, "HG_REQUEST_HOST");
  });

  test("but HTTP/1.0 can do without", async () => {
    expect(statusOf(await exchangeRaw(rig.port, "GET / HTTP/1.0\r\n\r\n"))).toBe(200);
  });
});

describe("ambiguous targets are refused", () => {
  test.each(["/../x", "/a/%2e%2e/%2E./x", "/a%2fb", "/a%5cb", "/a%00b", "/a%zz", "*", "ftp://h/", "http://u@h/"])(
    "%s",
    async (target) => {
      const response = await exchangeRaw(rig.port, `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
      await expectRefused(response, 400, "HG_REQUEST_PATH");
    },
  );

  test("CONNECT is no method of a reverse proxy", async () => {
    const response = await exchangeRaw(rig.port, "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n");
    await expectRefused(response, 405, "HG_REQUEST_METHOD");
    expect(response).toMatch(/^Allow: GET, /m);
  });
});

describe("what is too large is refused", () => {
  test("a megabyte of headers", async () => {
    const headers = `X-Pad: ${"x".repeat(1000)}\r\n`.repeat(1000);
    const response = await exchangeRaw(rig.port, `GET / HTTP/1.1\r\nHost: h\r\n${headers}\r\n`);
    await expectRefused(response, 431, "HG_REQUEST_HEADERS_TOO_LARGE");
  });

  test.each([9_000, 20_000])("a URL of %d bytes", async (length) => {
    const response = await exchangeRaw(
      rig.port,
      `GET /${"a".repeat(length)} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    );
    await expectRefused(response, 414, "HG_REQUEST_URL_TOO_LONG");
  });
});

describe("what is too slow is refused", () => {
  test("headers that never end", async () => {
    await expectRefused(await exchangeRaw(rig.port, "GET / HTTP/1.1\r\nHost: h\r\n"), 408, "HG_REQUEST_TIMEOUT");
  });

  test("a body that never ends", async () => {
    const response = await exchangeRaw(rig.port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    expect(statusOf(response)).toBe(408);
    expect(bodyOf(response)).toMatchObject({ code: "HG_REQUEST_TIMEOUT" });
    expect((await fetch(rig.url)).status).toBe(200);
  });
});

test("garbage behind a request does not become part of its answer", async () => {
  const response = await exchangeRaw(rig.port, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGARBAGE\r\n\r\n");
  expect(statusOf(response)).toBe(200);
  expect(bodyOf(response)).toEqual({ ok: true });
  expect((await fetch(rig.url)).status).toBe(200);
});

// It once took over the answer that was being waited for.
test("CONNECT behind a request that is being answered lets that answer end the connection", async () => {
  const answer = Promise.withResolvers<void>();
  const slow = await startRig({
    upstream: (_request, response) => void answer.promise.then(() => response.end("slow")),
  });
  const connection = new RawConnection(slow.port);
  connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nCONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n");
  await expect.poll(() => slow.upstream.seen.length).toBe(1);
  answer.resolve();
  const response = await connection.untilClosed();
  expect(response.match(/HTTP\/1\.1 \d{3}/g)).toEqual(["HTTP/1.1 200"]);
  expect(response).toMatch(/slow$/);
});

test("pipelined requests are answered in order", async () => {
  const connection = new RawConnection(rig.port);
  connection.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /%2f HTTP/1.1\r\nHost: h\r\n\r\n");
  connection.send("GET /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const statuses = (await connection.untilClosed()).match(/HTTP\/1\.1 \d{3}/g);
  expect(statuses).toEqual(["HTTP/1.1 200", "HTTP/1.1 400", "HTTP/1.1 200"]);
});

test("an expectation other than 100-continue is refused", async () => {
  const head = "GET / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n";
  await expectRefused(await exchangeRaw(rig.port, head), 417, "HG_REQUEST_EXPECTATION");
});

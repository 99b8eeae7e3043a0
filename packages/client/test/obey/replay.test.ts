import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { obey } from "../../src/index.ts";

type Body = NonNullable<RequestInit["body"]>;

const CONTENT = "all of it, and in order";

let server: Server;
let url: string;
let bodies: string[];
let sockets: Socket[];

/** Refuses every first request, which is to come again in 20 ms. */
beforeAll(async () => {
  server = createServer(async (request, response) => {
    sockets.push(request.socket);
    bodies.push(await text(request));
    const isRefused = bodies.length === 1;
    response.writeHead(isRefused ? 429 : 200, isRefused ? { "retry-after-ms": "20" } : {}).end("what there is to say");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
beforeEach(() => {
  bodies = [];
  sockets = [];
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe("a body that is there to be sent again", () => {
  const form = new FormData();
  form.set("field", CONTENT);
  test.each<[string, Body]>([
    ["a text", CONTENT],
    ["bytes", new TextEncoder().encode(CONTENT)],
    ["a blob", new Blob([CONTENT])],
    ["parameters", new URLSearchParams({ field: CONTENT })],
    ["a form", form],
  ])("is, as %s", async (_, body) => {
    const response = await obey(fetch)(url, { method: "POST", body });
    expect(response.status).toBe(200);
    expect(bodies).toHaveLength(2);
    expect(bodies[1]?.replace(/formdata-[^\r]*/g, "")).toBe(bodies[0]?.replace(/formdata-[^\r]*/g, ""));
    expect(bodies[1]?.replaceAll("+", " ").replaceAll("%2C", ",")).toContain(CONTENT);
  });

  test("is, as a request, which is used up as by fetch", async () => {
    const request = new Request(url, { method: "POST", body: CONTENT });
    const response = await obey(fetch)(request);
    expect(response.status).toBe(200);
    expect(bodies).toEqual([CONTENT, CONTENT]);
    expect(request.bodyUsed).toBe(true);
  });

  test("is, as a request that reads a stream", async () => {
    const body = new Blob([CONTENT]).stream();
    const response = await obey(fetch)(new Request(url, { method: "POST", body, duplex: "half" }));
    expect(response.status).toBe(200);
    expect(bodies).toEqual([CONTENT, CONTENT]);
  });

  test("is, as the init of a request", async () => {
    const response = await obey(fetch)(new Request(url, { method: "PUT", body: "not this" }), { body: CONTENT });
    expect(response.status).toBe(200);
    expect(bodies).toEqual([CONTENT, CONTENT]);
  });
});

describe("a body that is used up by being sent is sent once, and the refusal is the answer", () => {
  test.each<[string, () => Body]>([
    ["a stream", () => new Blob([CONTENT]).stream()],
    ["a stream of Node's", () => Readable.from([CONTENT]) as unknown as Body],
  ])("%s", async (_, bodyOf) => {
    const response = await obey(fetch)(url, { method: "POST", body: bodyOf(), duplex: "half" });
    expect(response.status).toBe(429);
    expect(await response.text()).toBe("what there is to say");
    expect(bodies).toEqual([CONTENT]);
  });

  test("a request that may be tried but once is not copied", async () => {
    const request = new Request(url, { method: "POST", body: CONTENT });
    Object.defineProperty(request, "clone", { value: () => expect.unreachable("copied") });
    const response = await obey(fetch)(request, { obey: { attempts: 1 } });
    expect(response.status).toBe(429);
  });
});

test("refusals leave the connection to the next attempt", async () => {
  expect((await obey(fetch)(url)).status).toBe(200);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
});

test("a request whose body was used before fails at once, and holds up no other", async () => {
  const request = new Request(url, { method: "PUT", body: CONTENT });
  await request.text();
  const api = obey(fetch, { concurrency: 1 });
  await expect(api(request)).rejects.toBeInstanceOf(TypeError);
  expect(bodies).toEqual([]);
  expect((await api(url)).status).toBe(200);
});

test("the fetch is called as nobody's method, as those of browsers must be", async () => {
  let self: unknown = "not called";
  const api = obey(function (this: unknown) {
    self = this;
    return Promise.resolve(new Response("fine"));
  });
  await api(url);
  expect(self).toBeUndefined();
});

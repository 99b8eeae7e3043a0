import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import type { BuiltinAnswer, BuiltinApi, BuiltinRequest } from "../src/builtin-api.ts";
import { RawConnection } from "./raw-connection.ts";
import { oneLimit, type Rig, startRig } from "./rig.ts";

const OK: BuiltinAnswer = { status: 200, headers: ["Content-Type", "text/plain"], body: "hello" };

interface Script {
  readonly answer?: (request: BuiltinRequest) => ReturnType<BuiltinApi["answer"]>;
  readonly policy?: string;
  readonly drain?: () => void;
}

/** A gate with an API of the test's in its own process. */
async function startBuiltin({
  answer = () => OK,
  policy = oneLimit(100),
  drain = () => {},
}: Script = {}): Promise<Rig & { readonly seen: BuiltinRequest[] }> {
  const seen: BuiltinRequest[] = [];
  const rig = await startRig({
    policy: `credentials: managed\ncallers: { api-key: { bearer: true } }\n${policy}`,
    builtin: {
      maxBodyBytes: 1000,
      answer(request) {
        seen.push(request);
        return answer(request);
      },
      drain,
    },
  });
  return { ...rig, seen };
}

describe("an API in the gateway's own process", () => {
  test("gets the request whole, and its answer carries the rate limits", async () => {
    const { url, seen } = await startBuiltin();
    const response = await fetch(`${url}/a/../b?c=d`, { method: "POST", body: "sent", headers: { "x-own": "1" } });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("hello");
    expect(response.headers.get("content-length")).toBe("5");
    expect(response.headers.get("x-ratelimit-remaining")).toBe("99");
    const [request] = seen;
    expect(request).toMatchObject({ method: "POST", path: "/b", query: "c=d", identity: undefined });
    expect(request?.body.toString()).toBe("sent");
    expect(request?.headers["x-own"]).toBe("1");
  });

  test("sees no request that the limits refuse", async () => {
    const { url, seen } = await startBuiltin({ policy: oneLimit(1) });
    await fetch(url);
    expect((await fetch(url)).status).toBe(429);
    expect(seen).toHaveLength(1);
  });

  test("may answer later, and its failure is a 500 that says nothing of it", async () => {
    const later = await startBuiltin({ answer: async () => ({ ...OK, status: 201 }) });
    expect((await fetch(later.url)).status).toBe(201);
    const broken = await startBuiltin({ answer: () => Promise.reject(new Error("secret words")) });
    const response = await fetch(broken.url);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain("HG_GATEWAY_FAILED");
    expect(text).not.toContain("secret words");
  });

  test("has the policy's 401 sent for who has no credential and needs one", async () => {
    const { url } = await startBuiltin({
      answer: () => Symbol("unauthenticated"),
      policy: `${oneLimit(5)}\nresponses: { unauthenticated: { status: 401, body: { mine: true } } }`,
    });
    const response = await fetch(url);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ mine: true });
    expect(response.headers.get("x-ratelimit-remaining")).toBe("4");
  });

  test("gets no body above its size, and none above a cap of the policy", async () => {
    const { url, seen } = await startBuiltin();
    expect((await fetch(url, { method: "POST", body: "x".repeat(1001) })).status).toBe(413);
    const capped = await startBuiltin({ policy: "limits: [{ name: cap, max-body: 10B }]" });
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(100))),
    });
    const refused = await fetch(capped.url, { method: "POST", body: endless, duplex: "half" } as RequestInit);
    expect(refused.status).toBe(413);
    expect([...seen, ...capped.seen]).toEqual([]);
  });

  test("answers HEAD without a body, and 204 and 304 without a length", async () => {
    const { url } = await startBuiltin({
      answer: ({ path }) => (path === "/" ? OK : { status: Number(path.slice(1)), headers: [], body: "" }),
    });
    const head = await fetch(url, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe("5");
    expect(await head.text()).toBe("");
    for (const status of [204, 304]) {
      const response = await fetch(`${url}/${status}`);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-length")).toBeNull();
      expect(response.headers.get("x-ratelimit-limit")).toBe("100");
    }
  });

  test("has its answers tagged where the policy says so, and a 304 in their place", async () => {
    const { url } = await startBuiltin({ policy: `${oneLimit(9)}\nconditional: true` });
    const tag = (await fetch(url)).headers.get("etag") ?? "";
    const again = await fetch(url, { headers: { "if-none-match": tag } });
    expect(again.status).toBe(304);
    expect(again.headers.get("etag")).toBe(tag);
    expect(again.headers.get("content-type")).toBeNull();
  });

  test("may get its charge back by how it answers", async () => {
    const { url } = await startBuiltin({
      answer: () => ({ ...OK, status: 404 }),
      policy: "limits: [{ name: all, per: [], quota: 3, window: 1m, refund: { status: [404] } }]",
    });
    for (let i = 0; i < 5; i++) expect((await fetch(url)).headers.get("x-ratelimit-remaining")).toBe("3");
  });
});

describe("an answer in parts", () => {
  test("comes as it is made", async () => {
    const next = Promise.withResolvers<void>();
    const { url } = await startBuiltin({
      answer: () => ({
        ...OK,
        body: (async function* () {
          yield "one ";
          await next.promise;
          yield Buffer.from("two");
        })(),
      }),
    });
    const reader = (await fetch(url)).body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    const read = async () => Buffer.from((await reader.read()).value ?? []).toString();
    expect(await read()).toBe("one ");
    next.resolve();
    expect(await read()).toBe("two");
    expect((await reader.read()).done).toBe(true);
  });

  test("is made no faster than it is taken, and no longer than somebody takes it", async () => {
    let made = 0;
    const ended = Promise.withResolvers<void>();
    const { port } = await startBuiltin({
      answer: () => ({
        ...OK,
        body: (async function* () {
          try {
            for (;;) {
              made += 1;
              yield "x".repeat(65_536);
            }
          } finally {
            ended.resolve();
          }
        })(),
      }),
    });
    const [response] = (await once(httpRequest({ port, path: "/" }).end(), "response")) as [IncomingMessage];
    response.pause();
    // Until the buffers on the way are full.
    await expect
      .poll(async () => {
        const before = made;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return made - before;
      })
      .toBe(0);
    expect(made).toBeLessThan(1000);
    response.destroy();
    await ended.promise;
  });

  test("that breaks off is cut off, so that nobody takes it for whole", async () => {
    const { url, log } = await startBuiltin({
      answer: () => ({
        ...OK,
        body: (async function* () {
          yield "half";
          throw new Error("no more");
        })(),
      }),
    });
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
    expect(log).toContainEqual(expect.objectContaining({ event: "request-failed" }));
  });

  // A stream of events would stay subscribed for nobody, once for each client that was too quick to leave.
  test("is let go of where the client has left before it came", async () => {
    const answer = Promise.withResolvers<BuiltinAnswer>();
    const ended = Promise.withResolvers<void>();
    const { port, seen, url } = await startBuiltin({ answer: ({ path }) => (path === "/" ? answer.promise : OK) });
    const connection = new RawConnection(port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await expect.poll(() => seen.length).toBe(1);
    connection.socket.destroy();
    // The gate has seen it go by the time that it has served another.
    await fetch(`${url}/other`);
    const parts: AsyncIterator<string> = {
      next: () => new Promise(() => {}),
      async return() {
        ended.resolve();
        return { done: true, value: undefined };
      },
    };
    answer.resolve({ ...OK, body: { [Symbol.asyncIterator]: () => parts } });
    await ended.promise;
  });

  test("is told to end when the gateway drains", async () => {
    const draining = Promise.withResolvers<void>();
    const { url, gateway } = await startBuiltin({
      drain: () => draining.resolve(),
      answer: () => ({
        ...OK,
        body: (async function* () {
          yield "open";
          await draining.promise;
        })(),
      }),
    });
    const response = await fetch(url);
    const drained = gateway.drain();
    expect(await response.text()).toBe("open");
    await drained;
  });
});

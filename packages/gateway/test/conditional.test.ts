import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { type Rig, startRig } from "./rig.ts";

const CONDITIONAL = "limits: [{ name: all, per: [], quota: 100, window: 1m }]\nconditional: true";

function start(upstream: RequestListener, policy = CONDITIONAL): Promise<Rig> {
  return startRig({ policy, upstream });
}

const sayHello: RequestListener = (_request, response) => {
  response.setHeader("Content-Type", "text/plain");
  response.setHeader("Cache-Control", "max-age=60");
  response.end("hello");
};

describe("an answer without an ETag", () => {
  test("gets a strong one, and a client that has it gets a 304", async () => {
    const rig = await start(sayHello);
    const first = await fetch(rig.url);
    const tag = first.headers.get("etag") as string;
    expect(tag).toMatch(/^"/);
    expect(await first.text()).toBe("hello");

    const second = await fetch(rig.url, { headers: { "if-none-match": `"other", W/${tag}` } });
    expect(second.status).toBe(304);
    expect(await second.text()).toBe("");
    expect(second.headers.get("etag")).toBe(tag);
    expect(second.headers.get("cache-control")).toBe("max-age=60");
    expect(second.headers.get("date")).not.toBeNull();
    expect(second.headers.get("content-type")).toBeNull();
    expect(second.headers.get("content-length")).toBeNull();
    expect(second.headers.get("x-ratelimit-remaining")).toBe("98");
  });

  test("gets one where its length was not told, too", async () => {
    const rig = await start((_request, response) => {
      response.write("hel");
      response.end("lo");
    });
    const response = await fetch(rig.url);
    expect(response.headers.get("etag")).not.toBeNull();
    expect(response.headers.get("content-length")).toBe("5");
    expect(await response.text()).toBe("hello");
  });

  test.each([true, false])("that is large streams without (length told: %s)", async (isTold) => {
    const large = "x".repeat(300_000);
    const rig = await start((_request, response) => {
      if (isTold) response.setHeader("Content-Length", large.length);
      response.write(large.slice(0, 10));
      response.end(large.slice(10));
    });
    const response = await fetch(rig.url);
    expect(response.headers.get("etag")).toBeNull();
    expect(await response.text()).toBe(large);
  });

  test("gets none that is no GET, or no 200", async () => {
    const rig = await start((request, response) => {
      response.statusCode = request.url === "/404" ? 404 : 200;
      response.end("hello");
    });
    expect((await fetch(rig.url, { method: "HEAD" })).headers.get("etag")).toBeNull();
    expect((await fetch(rig.url, { method: "POST" })).headers.get("etag")).toBeNull();
    expect((await fetch(`${rig.url}/404`)).headers.get("etag")).toBeNull();
  });

  test("that is empty is tagged too", async () => {
    const rig = await start((_request, response) => response.end());
    const response = await fetch(rig.url);
    expect(response.headers.get("etag")).not.toBeNull();
    expect(await response.text()).toBe("");
  });
});

describe("an answer with validators of its own", () => {
  test("is compared by its ETag", async () => {
    const rig = await start((_request, response) => {
      response.setHeader("ETag", 'W/"own"');
      response.end("hello");
    });
    expect((await fetch(rig.url)).headers.get("etag")).toBe('W/"own"');
    expect((await fetch(rig.url, { headers: { "if-none-match": '"own"' } })).status).toBe(304);
    expect((await fetch(rig.url, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
    expect((await fetch(rig.url, { headers: { "if-none-match": "*" } })).status).toBe(304);
  });

  test("is compared by its date, unless there is a tag to compare", async () => {
    const rig = await start((_request, response) => {
      response.setHeader("Last-Modified", "Tue, 01 Jan 2030 00:00:00 GMT");
      response.end("hello");
    });
    const since = "Tue, 01 Jan 2030 00:00:00 GMT";
    const before = "Mon, 31 Dec 2029 00:00:00 GMT";
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(rig.url, { headers })).status;
    expect(await statusWith({ "if-modified-since": since })).toBe(304);
    expect(await statusWith({ "if-modified-since": before })).toBe(200);
    expect(await statusWith({ "if-modified-since": since, "if-none-match": '"other"' })).toBe(200);
  });

  test("passes its own 304 through", async () => {
    const rig = await start((_request, response) => {
      response.writeHead(304, { ETag: '"own"' });
      response.end();
    });
    const response = await fetch(rig.url, { headers: { "if-none-match": '"own"' } });
    expect(response.status).toBe(304);
    expect(response.headers.get("x-ratelimit-remaining")).toBe("99");
  });
});

test("a 304 made here is refunded where the policy refunds 304", async () => {
  const rig = await start(
    sayHello,
    "limits: [{ name: all, per: [], quota: 10, window: 1m, refund: { status: [304] } }]\nconditional: true",
  );
  const tag = (await fetch(rig.url)).headers.get("etag") as string;
  const response = await fetch(rig.url, { headers: { "if-none-match": tag } });
  expect(response.status).toBe(304);
  expect(response.headers.get("x-ratelimit-remaining")).toBe("9");
});

test("without `conditional` nothing is tagged or compared", async () => {
  const rig = await start(sayHello, "limits: []");
  const response = await fetch(rig.url, { headers: { "if-none-match": "*" } });
  expect(response.status).toBe(200);
  expect(response.headers.get("etag")).toBeNull();
});

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { cached } from "../../src/cache/cached.ts";
import { ResponseCache } from "../../src/cache/response-cache.ts";

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a 304 from a server is the 200 that it confirms, decoded, and the server is asked by the tag", async () => {
  const tags: (string | undefined)[] = [];
  const url = await listen((request, response) => {
    const tag = request.headers["if-none-match"];
    tags.push(tag);
    response.setHeader("ETag", '"1"');
    if (tag === '"1"') return response.writeHead(304).end();
    return response
      .writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" })
      .end(gzipSync("[1]"));
  });
  const api = cached(fetch, new ResponseCache());
  for (let call = 0; call < 3; call++) {
    const response = await api(url);
    expect([response.status, response.url, await response.json()]).toEqual([200, `${url}/`, [1]]);
  }
  expect(tags).toEqual([undefined, '"1"', '"1"']);
});

test("a hundred calls at once are one request", async () => {
  let requests = 0;
  const url = await listen((_request, response) => {
    requests++;
    response.writeHead(200, { ETag: '"1"' });
    setImmediate(() => response.end("1"));
  });
  const api = cached(fetch, new ResponseCache());
  const texts = await Promise.all(Array.from({ length: 100 }, async () => (await api(url)).text()));
  expect([requests, new Set(texts)]).toEqual([1, new Set(["1"])]);
});

test("a stream that is not stored is read as it comes, and ends when its caller aborts", async () => {
  const closed = Promise.withResolvers<void>();
  const url = await listen((_request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("data: 1\n\n");
    response.on("close", closed.resolve);
  });
  const caller = new AbortController();
  const response = await cached(fetch, new ResponseCache())(url, { signal: caller.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("data: 1\n\n");
  caller.abort(new Error("enough"));
  await expect(reader.read()).rejects.toThrow("enough");
  await closed.promise;
});

test("a body that breaks off fails the call and is not stored", async () => {
  let requests = 0;
  const url = await listen((_request, response) => {
    requests++;
    response.writeHead(200, { ETag: '"1"', "Cache-Control": "max-age=60", "Content-Length": "100" });
    response.write("half", () => response.destroy());
  });
  const api = cached(fetch, new ResponseCache());
  for (let call = 0; call < 2; call++) await expect(api(url)).rejects.toThrow(TypeError);
  expect(requests).toBe(2);
});

test("what was found by a redirect is not kept under the URL that redirects", async () => {
  let requests = 0;
  const url = await listen((request, response) => {
    requests++;
    if (request.url === "/old") return response.writeHead(302, { Location: "/new" }).end();
    return response.writeHead(200, { "Cache-Control": "max-age=60" }).end("1");
  });
  const api = cached(fetch, new ResponseCache());
  for (let call = 0; call < 2; call++) expect((await api(`${url}/old`)).url).toBe(`${url}/new`);
  expect(requests).toBe(4);
});

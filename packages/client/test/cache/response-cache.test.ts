import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cached } from "../../src/cache/cached.ts";
import { ResponseCache } from "../../src/cache/response-cache.ts";
import { openRig, START, textOf, URL_ } from "./origin.ts";

const SECOND_MS = 1000;

function answering(headers: Record<string, string>, text = "1", status = 200): () => Response {
  return () => new Response(text, { status, headers });
}

/** Answers with an ETag, and with 304 to whoever has it. */
function tagged(headers: Record<string, string> = {}): (request: Request) => Response {
  return (request) => {
    const isKnown = request.headers.get("if-none-match") === '"1"';
    return new Response(isKnown ? null : "1", { status: isKnown ? 304 : 200, headers: { etag: '"1"', ...headers } });
  };
}

describe("what is fresh", () => {
  test("is answered without asking until its time is over, and says how old it is", async () => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=60", "content-type": "text/x", "x-own": "a" });
    const first = await rig.get();
    expect([first.use, first.response.headers.get("age")]).toEqual([undefined, null]);
    rig.clock.at += 60 * SECOND_MS - 1;
    const { response, use } = await rig.get();
    expect(use).toBe("fresh");
    expect(Object.fromEntries(response.headers)).toMatchObject({ "content-type": "text/x", "x-own": "a", age: "59" });
    expect([response.status, await response.text()]).toEqual([200, "1"]);
    rig.clock.at += 1;
    expect((await rig.get()).use).toBe(undefined);
    expect(rig.asked).toHaveLength(2);
  });

  test("is fresh for as long less as it was old when it came, and as it was under way", async () => {
    const rig = openRig();
    rig.answer = () => {
      rig.clock.at += 10 * SECOND_MS;
      return answering({ "cache-control": "max-age=60", age: "30" })();
    };
    await rig.get();
    rig.clock.at += 20 * SECOND_MS - 1;
    expect((await rig.get()).use).toBe("fresh");
    rig.clock.at += 1;
    expect((await rig.get()).use).toBe(undefined);
  });

  test("of an API that says nothing is nothing, unless a default is given, and then for successes", async () => {
    const [silent, byDefault] = [openRig(), openRig({ defaultTtlMs: 60 * SECOND_MS })];
    for (const rig of [silent, byDefault]) {
      await rig.get();
      await rig.get();
      rig.answer = answering({}, "", 404);
      await rig.get({ url: `${URL_}/none` });
      await rig.get({ url: `${URL_}/none` });
    }
    expect(silent.asked).toHaveLength(4);
    expect(byDefault.asked).toHaveLength(3);
  });

  test.for(["no-cache", "no-store", "reload"] as const)("is asked about in the mode %s of fetch", async (cache) => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=60" });
    await rig.get();
    expect((await rig.get({ cache })).use).toBe(undefined);
    expect(rig.asked).toHaveLength(2);
  });
});

describe("what has an ETag", () => {
  test("is asked about by it each time, and a 304 is the 200 that it confirms, with what the 304 says anew", async () => {
    const rig = openRig();
    rig.answer = tagged({ "x-count": "1", "content-type": "text/x" });
    await rig.get();
    rig.answer = tagged({ "x-count": "2", "content-type": "text/y" });
    const { response, use } = await rig.get();
    expect(use).toBe("revalidated");
    expect([response.status, await response.text()]).toEqual([200, "1"]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-count": "2",
      "content-type": "text/x",
      etag: '"1"',
    });
    expect(rig.asked.map(({ headers }) => headers.get("if-none-match"))).toEqual([null, '"1"']);
  });

  test("is as old as the 304 that confirmed it", async () => {
    const rig = openRig();
    rig.answer = tagged({ "cache-control": "max-age=60", age: "60" });
    await rig.get();
    rig.answer = tagged({ "cache-control": "max-age=60" });
    const { response, use } = await rig.get();
    expect([use, response.headers.get("age")]).toEqual(["revalidated", null]);
    expect((await rig.get()).use).toBe("fresh");
  });

  test("is fresh again for a while after a 304", async () => {
    const rig = openRig();
    rig.answer = tagged({ "cache-control": "max-age=60" });
    await rig.get();
    rig.clock.at += 60 * SECOND_MS;
    expect((await rig.get()).use).toBe("revalidated");
    expect((await rig.get()).use).toBe("fresh");
  });

  test("is replaced by a 200", async () => {
    const rig = openRig();
    rig.answer = tagged();
    await rig.get();
    rig.answer = answering({ etag: '"2"' }, "2");
    expect(await textOf(rig.get())).toEqual(["2", undefined]);
    await rig.get();
    expect(rig.asked[2]?.headers.get("if-none-match")).toBe('"2"');
  });

  test("is asked for as a whole where a 304 speaks of something else", async () => {
    const rig = openRig();
    rig.answer = tagged();
    await rig.get();
    rig.answer = ({ headers }) =>
      headers.has("if-none-match") ? new Response(null, { status: 304, headers: { etag: '"3"' } }) : new Response("3");
    expect(await textOf(rig.get())).toEqual(["3", undefined]);
  });

  test("goes past the cache, 304 and all, for a caller that asks by a tag of its own", async () => {
    const rig = openRig();
    rig.answer = tagged({ "cache-control": "max-age=60" });
    await rig.get();
    const { response, use } = await rig.get({ headers: { "if-none-match": '"1"' } });
    expect([response.status, use]).toEqual([304, undefined]);
  });
});

test("what only says when it was changed is asked about by that", async () => {
  const rig = openRig();
  const changed = new Date(START).toUTCString();
  rig.answer = answering({ "last-modified": changed, date: changed });
  await rig.get();
  rig.answer = () => new Response(null, { status: 304 });
  expect(await textOf(rig.get())).toEqual(["1", "revalidated"]);
  expect(rig.asked[1]?.headers.get("if-modified-since")).toBe(changed);
});

describe("what is stale", () => {
  test("is used while it is asked about, where it says so", async () => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=1, stale-while-revalidate=10" });
    await rig.get();
    rig.clock.at += 2 * SECOND_MS;
    rig.answer = answering({ "cache-control": "max-age=1, stale-while-revalidate=10" }, "2");
    expect(await textOf(rig.get())).toEqual(["1", "stale"]);
    await new Promise(setImmediate);
    expect(await textOf(rig.get())).toEqual(["2", "fresh"]);
    expect(rig.asked).toHaveLength(2);
  });

  test("is asked about once at a time, and a refusal is let go", async () => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=1, stale-while-revalidate=10" });
    await rig.get();
    rig.clock.at += 2 * SECOND_MS;
    let cancelled = 0;
    rig.answer = () => new Response(new ReadableStream({ cancel: () => void cancelled++ }), { status: 429 });
    expect(await Promise.all([textOf(rig.get()), textOf(rig.get())])).toEqual([
      ["1", "stale"],
      ["1", "stale"],
    ]);
    await expect.poll(() => cancelled).toBe(1);
    expect(rig.asked).toHaveLength(2);
  });

  test("stands in for a failure, where it says so", async () => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=1, stale-if-error=10" });
    await rig.get();
    rig.clock.at += 2 * SECOND_MS;
    rig.answer = answering({}, "out of order", 503);
    expect(await textOf(rig.get())).toEqual(["1", "stale"]);
    rig.answer = () => Promise.reject(new TypeError("fetch failed"));
    expect(await textOf(rig.get())).toEqual(["1", "stale"]);
    rig.clock.at += 10 * SECOND_MS;
    await expect(rig.get()).rejects.toThrow("fetch failed");
  });

  test("is accepted by a request to the second that it names", async () => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=1" });
    await rig.get();
    rig.clock.at += 6 * SECOND_MS;
    expect((await rig.get({ headers: { "cache-control": "max-stale=5" } })).use).toBe("stale");
    expect((await rig.get({ headers: { "cache-control": "max-stale=4" } })).use).toBe(undefined);
  });
});

test("a request that only takes what is stored gets that, or 504, and is never sent", async () => {
  const rig = openRig();
  const headers = { "cache-control": "only-if-cached" };
  rig.answer = answering({ "cache-control": "max-age=60" });
  expect((await rig.get({ headers })).response.status).toBe(504);
  await rig.get();
  expect(await textOf(rig.get({ headers }))).toEqual(["1", "fresh"]);
  expect(rig.asked).toHaveLength(1);
});

describe("an answer to one caller is out of reach of another", () => {
  const usual = ["authorization", "x-api-key", "api-key", "cookie", "x-auth-token", "x-session-id", "private-token"];
  const unusual = ["x-jwt", "x-bearer", "x-password", "x-org-id", "x-app-id", "x-on-behalf-of", "x-subscriber"];
  const header = [...usual, ...unusual];
  test.for(header)("that differs in %s", async (name) => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=60" });
    await rig.get({ headers: { [name]: "a" } });
    expect((await rig.get({ headers: { [name]: "b" } })).use).toBe(undefined);
    expect((await rig.get()).use).toBe(undefined);
    expect((await rig.get({ headers: { [name]: "a" } })).use).toBe("fresh");
  });

  test("even in a store that both share, which has neither's credential", async () => {
    const store = new Map();
    const rig = openRig({ store });
    rig.answer = answering({ "cache-control": "max-age=60", vary: "authorization" });
    await rig.get({ headers: { authorization: "Bearer sesame" } });
    expect((await openRig({ store }).get({ headers: { authorization: "Bearer other" } })).use).toBe(undefined);
    expect((await openRig({ store }).get({ headers: { authorization: "Bearer sesame" } })).use).toBe("fresh");
    expect(JSON.stringify([...store])).not.toContain("sesame");
  });
});

test.for(["accept-language", "user-agent", "content-type", "traceparent", "x-request-id"])(
  "%s does not say who is asking",
  async (name) => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=60" });
    await rig.get({ headers: { [name]: "a" } });
    expect((await rig.get({ headers: { [name]: "b" } })).use).toBe("fresh");
  },
);

test("what varies by who asks is kept apart even where a caller's own credential does not tell", async () => {
  const store = new Map();
  const rig = openRig({ store, credential: () => "" });
  rig.answer = answering({ "cache-control": "max-age=60", vary: "x-api-key" });
  await rig.get({ headers: { "x-api-key": "sesame" } });
  expect((await rig.get({ headers: { "x-api-key": "other" } })).use).toBe(undefined);
  expect((await rig.get({ headers: { "x-api-key": "sesame" } })).use).toBe("fresh");
  expect(JSON.stringify([...store])).not.toContain("sesame");
});

test("a page without TLS, which cannot hash, has no cache and all its answers", async () => {
  vi.stubGlobal("crypto", {});
  onTestFinished(() => void vi.unstubAllGlobals());
  const rig = openRig();
  rig.answer = answering({ "cache-control": "max-age=60" });
  for (const method of ["GET", "POST", "GET"]) expect((await rig.get({ method })).response.status).toBe(200);
  expect(rig.asked).toHaveLength(3);
});

test("a response that varies is one for each value, of which the last 32 are kept", async () => {
  const rig = openRig();
  rig.answer = ({ headers }) =>
    answering({ "cache-control": "max-age=60", vary: "Accept" }, headers.get("accept") ?? "")();
  for (let kind = 0; kind < 33; kind++) await rig.get({ headers: { accept: `${kind}` } });
  expect(await textOf(rig.get({ headers: { accept: "32" } }))).toEqual(["32", "fresh"]);
  expect(await textOf(rig.get({ headers: { accept: "1" } }))).toEqual(["1", "fresh"]);
  expect(await textOf(rig.get({ headers: { accept: "0" } }))).toEqual(["0", undefined]);
});

describe("what changes a resource", () => {
  test.for(["POST", "PUT", "PATCH", "DELETE"])("outdates it, as %s does", async (method) => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=60" });
    await rig.get();
    await rig.get({ method });
    expect((await rig.get()).use).toBe(undefined);
  });

  test.for<Record<string, string>>([{ "x-csrf-token": "a" }, { authorization: "Bearer other" }])(
    "outdates it for all callers, whatever it brings itself: %j",
    async (headers) => {
      const rig = openRig();
      const callers = ["a", "b"].map((key) => ({ headers: { authorization: `Bearer ${key}` } }));
      rig.answer = answering({ "cache-control": "max-age=60" });
      for (const caller of callers) await rig.get(caller);
      for (const caller of callers) expect((await rig.get(caller)).use).toBe("fresh");
      await rig.get({ method: "PUT", headers: { ...callers[0]?.headers, ...headers } });
      for (const caller of callers) expect((await rig.get(caller)).use).toBe(undefined);
    },
  );

  test("outdates what is being stored while the store takes its time", async () => {
    const records = new Map();
    const slow = Promise.withResolvers<void>();
    let reads = 0;
    const store = {
      get: async (key: string) => {
        if (++reads === 2) await slow.promise;
        return records.get(key);
      },
      set: (key: string, record: unknown) => records.set(key, record),
      delete: (key: string) => records.delete(key),
    };
    const rig = openRig({ store });
    rig.answer = answering({ "cache-control": "max-age=60" }, "old");
    const first = rig.get();
    await expect.poll(() => reads).toBe(2);
    await rig.get({ method: "PUT" });
    slow.resolve();
    expect(await textOf(first)).toEqual(["old", undefined]);
    expect(records.size).toBe(0);
  });

  test("outdates what it names in Location and Content-Location, on the same origin", async () => {
    const rig = openRig();
    const urls = [`${URL_}/1`, `${URL_}/2`, "https://other.example/3"];
    rig.answer = answering({ "cache-control": "max-age=60" });
    for (const url of urls) await rig.get({ url });
    rig.answer = answering({ location: "things/1", "content-location": `${URL_}/2` });
    await rig.get({ method: "POST" });
    rig.answer = answering({ location: "https://other.example/3", "content-location": "http://[" });
    await rig.get({ method: "POST" });
    const uses = await Promise.all(urls.map((url) => rig.get({ url })));
    expect(uses.map(({ use }) => use)).toEqual([undefined, undefined, "fresh"]);
  });

  test("does not where it was refused, nor does what only looks", async () => {
    const rig = openRig();
    rig.answer = answering({ "cache-control": "max-age=60" });
    await rig.get();
    await rig.get({ method: "HEAD" });
    rig.answer = answering({}, "", 429);
    await rig.get({ method: "POST" });
    expect((await rig.get()).use).toBe("fresh");
  });

  test("outdates what is on its way: it is not stored, and not shared with who asks later", async () => {
    const rig = openRig();
    const old = Promise.withResolvers<Response>();
    rig.answer = () => old.promise;
    const first = rig.get();
    await new Promise(setImmediate);
    rig.answer = answering({});
    await rig.get({ method: "POST" });
    rig.answer = answering({ "cache-control": "max-age=60" }, "new");
    expect(await textOf(rig.get())).toEqual(["new", undefined]);
    old.resolve(answering({ "cache-control": "max-age=60" }, "old")());
    expect(await textOf(first)).toEqual(["old", undefined]);
    expect(await textOf(rig.get())).toEqual(["new", "fresh"]);
  });
});

describe("what is not stored", () => {
  test.for([
    ["a refusal", answering({ "cache-control": "max-age=60", "retry-after": "1" }, "", 429)],
    ["what says so", answering({ "cache-control": "no-store, max-age=60" })],
    ["what varies by everything", answering({ "cache-control": "max-age=60", vary: "*" })],
    ["a part", answering({ "cache-control": "max-age=60" }, "", 206)],
    ["what says that it is large", answering({ "cache-control": "max-age=60", "content-length": "1025" })],
  ] as const)("is given to the caller as it came: %s", async ([, answer]) => {
    const rig = openRig({ maxBodyBytes: 1024 });
    const given: Response[] = [];
    rig.answer = () => {
      given.push(answer());
      return given.at(-1) as Response;
    };
    const got = [await rig.get(), await rig.get()];
    expect(got.map(({ response }) => response)).toEqual(given);
    expect(got[0]?.response).toBe(given[0]);
  });

  test("is a body that turns out larger than may be kept, and it arrives whole, as a stream", async () => {
    const rig = openRig({ maxBodyBytes: 1024 });
    let pulled = 0;
    rig.answer = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(new Uint8Array(100).fill(pulled++));
            if (pulled % 100 === 0) controller.close();
          },
        }),
        { headers: { "cache-control": "max-age=60", "x-own": "a" } },
      );
    const { response } = await rig.get();
    expect(pulled).toBeLessThan(20);
    expect(response.headers.get("x-own")).toBe("a");
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([10_000, 0, 99]);
    expect((await rig.get()).use).toBe(undefined);
  });
});

test("what speaks of the connection is not kept", async () => {
  const rig = openRig();
  const headers = {
    connection: "x-hop, close",
    "x-hop": "1",
    "keep-alive": "timeout=5",
    "proxy-authenticate": "Basic",
  };
  rig.answer = answering({ "cache-control": "max-age=60", ...headers, "x-end": "1" });
  await rig.get();
  const { response } = await rig.get();
  expect(Object.keys(headers).filter((name) => response.headers.has(name))).toEqual([]);
  expect(response.headers.get("x-end")).toBe("1");
});

test("bodies come back byte for byte, whatever they are", async () => {
  const bodies = [
    new Uint8Array([0xef, 0xbb, 0xbf, 0x31]),
    new Uint8Array([0xff, 0, 0x80]),
    new TextEncoder().encode("é🎉"),
  ];
  for (const body of bodies) {
    const rig = openRig({ store: new Map() });
    rig.answer = () => new Response(body, { headers: { "cache-control": "max-age=60" } });
    const all = [await rig.get(), await rig.get()];
    for (const { response } of all) expect(await response.bytes()).toEqual(body);
    expect(all[1]?.use).toBe("fresh");
  }
});

describe("a store", () => {
  test("of any kind will do, for what it keeps is JSON", async () => {
    const texts = new Map<string, string>();
    const store = {
      get: async (key: string) => JSON.parse(texts.get(key) ?? "null") ?? undefined,
      set: async (key: string, record: unknown) => texts.set(key, JSON.stringify(record)),
      delete: async (key: string) => texts.delete(key),
    };
    const rig = openRig({ store });
    rig.answer = answering({ "cache-control": "max-age=60", vary: "accept", "x-own": "a" }, "é");
    await rig.get();
    const { response, use } = await rig.get();
    expect([use, await response.text(), response.headers.get("x-own")]).toEqual(["fresh", "é", "a"]);
  });

  test("that fails, or has something else in it, costs no call, and is told of", async () => {
    const failure = new Error("no connection");
    const failing = {
      get: () => Promise.reject(failure),
      set: () => Promise.reject(failure),
      delete: () => Promise.reject(failure),
    };
    const told: unknown[] = [];
    const note = (error: unknown): never => {
      told.push(error);
      throw new Error("the log is full");
    };
    const rig = openRig({ store: failing, onStoreError: note });
    rig.answer = answering({ "cache-control": "max-age=60" });
    expect(await textOf(rig.get())).toEqual(["1", undefined]);
    await rig.get({ method: "POST" });
    expect(told).toEqual([failure, failure, failure]);
    const odd = openRig({
      store: { get: () => "odd" as never, set() {}, delete() {} },
      onStoreError: note,
    });
    expect(await textOf(odd.get())).toEqual(["{}", undefined]);
    expect(told[3]).toBeInstanceOf(TypeError);
  });
});

test("a fetch over a cache is called like fetch, and its answers have their URL", async () => {
  const asked: string[] = [];
  const send = async (input: string | URL | Request): Promise<Response> => {
    const { url } = new Request(input);
    asked.push(url);
    const response = new Response("1", { headers: { "cache-control": "max-age=60", link: "<?page=2>; rel=next" } });
    return Object.defineProperty(response, "url", { value: url });
  };
  const api = cached(send, new ResponseCache());
  for (const url of [URL_, `${URL_}#part`]) {
    const response = await api(url);
    expect(new URL("?page=2", response.url).href).toBe(`${URL_}?page=2`);
  }
  expect(asked).toEqual([URL_]);
});

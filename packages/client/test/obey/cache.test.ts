import { expect, test } from "vitest";
import { ResponseCache } from "../../src/cache/index.ts";
import { type Notice, obey } from "../../src/index.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { refusal, scriptedApi } from "./scripted-api.ts";

const URL = "https://api.example.com/things";

test("what is still good is not asked for again, what has changed is, and it is told so", async () => {
  const clock = virtualClock();
  const notices: Notice[] = [];
  const server = scriptedApi(clock, ({ headers, method }) => {
    if (method !== "GET") return new Response("changed");
    const isKnown = headers.get("if-none-match") === '"1"';
    return new Response(isKnown ? null : "one", { status: isKnown ? 304 : 200, headers: { etag: '"1"' } });
  });
  const api = obey(server.fetch, {
    clock,
    cache: new ResponseCache(undefined, { clock }),
    onNotice: (n) => notices.push(n),
  });
  for (let i = 0; i < 2; i++) {
    const response = await clock.until(api(URL));
    expect([response.status, await response.text()]).toEqual([200, "one"]);
  }
  expect(notices.map(({ kind }) => kind)).toEqual(["from-cache"]);
  await clock.until(api(URL, { method: "PUT", body: new Blob(["two"]).stream(), duplex: "half" }));
  expect(await server.requests[2]?.text()).toBe("two");
  await clock.until(api(URL));
  expect(server.requests[3]?.headers.has("if-none-match")).toBe(false);
});

test("a refusal is waited for behind the cache as well, with the call's own patience", async () => {
  const clock = virtualClock();
  const server = scriptedApi(clock, refusal({ "retry-after": "2" }), () => new Response("fine"));
  const api = obey(server.fetch, { clock, cache: new ResponseCache(undefined, { clock }) });
  const impatient = api(URL, { obey: { patienceMs: 1_000 } });
  await expect(clock.until(impatient)).rejects.toMatchObject({ code: "HG_WAIT_TOO_LONG" });
  const response = await clock.until(api(new Request(URL)));
  expect(await response.text()).toBe("fine");
});

test("one caller's answer is out of reach of another whom the credential of obey tells apart", async () => {
  const clock = virtualClock();
  const server = scriptedApi(clock, ({ headers }) => {
    return new Response(headers.get("accept"), { headers: { "cache-control": "max-age=60" } });
  });
  const api = obey(server.fetch, {
    clock,
    cache: new ResponseCache(undefined, { clock }),
    credential: ({ headers }) => headers.get("accept") ?? "",
  });
  for (const accept of ["alice", "bob", "alice"]) {
    const response = await api(URL, { headers: { accept } });
    expect(await response.text()).toBe(accept);
  }
  expect(server.requests).toHaveLength(2);
});

/** A request of a library's own class, such as that of undici from npm. */
const foreign = { url: URL, method: "GET", headers: [["accept", "text/x"]] } as unknown as Request;

test("a fetch that takes no requests but those of its own class is given what the caller gave, and the tag", async () => {
  const clock = virtualClock();
  const tags: (string | null)[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    expect(input).not.toBeInstanceOf(Request);
    expect(init).toMatchObject({ keepalive: true });
    tags.push(new Headers(init?.headers).get("if-none-match"));
    return new Response(tags.at(-1) ? null : "one", { status: tags.at(-1) ? 304 : 200, headers: { etag: '"1"' } });
  };
  const api = obey(fetch, { clock, cache: new ResponseCache(undefined, { clock }) });
  const init: RequestInit = { keepalive: true };
  for (const input of [URL, foreign]) {
    expect(await (await clock.until(api(input, init))).text()).toBe("one");
  }
  expect(tags).toEqual([null, '"1"']);
});

test("a change outdates what its own cookies were answered with", async () => {
  const clock = virtualClock();
  const server = scriptedApi(clock, () => new Response("one", { headers: { "cache-control": "max-age=60" } }));
  const api = obey(server.fetch, { clock, cache: new ResponseCache(undefined, { clock }) });
  for (const change of [
    () => api(URL, { method: "PUT", body: "two", credentials: "include" }),
    () => api(new Request(URL, { method: "PUT", body: "two", credentials: "include" })),
  ]) {
    await clock.until(api(URL, { credentials: "include" }));
    await clock.until(change());
  }
  expect(server.requests.map(({ method }) => method)).toEqual(["GET", "PUT", "GET", "PUT"]);
});

import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import { exchangeRaw, statusOf } from "./raw-connection.ts";
import { oneLimit, startRig } from "./rig.ts";

describe("the limits hold", () => {
  test("10 000 requests at once against a quota of 100 reach the upstream exactly 100 times", async () => {
    const rig = await startRig({ policy: oneLimit(100) });
    const agent = new Agent({ keepAlive: true, maxSockets: 500 });
    const statuses = await Promise.all(Array.from({ length: 10_000 }, () => statusThrough(rig.port, agent)));
    agent.destroy();
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(9_900);
    expect(rig.upstream.seen).toHaveLength(100);
  }, 60_000);

  test("a caller that waits Retry-After is admitted", async () => {
    const rig = await startRig({ policy: oneLimit(1) });
    await fetch(rig.url);
    const refused = await fetch(rig.url);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ status: 429, "violated-policies": ["all"] });

    const waitSeconds = Number(refused.headers.get("retry-after"));
    rig.time.now += (waitSeconds - 1) * 1000;
    expect((await fetch(rig.url)).status).toBe(429);
    rig.time.now += 1000;
    expect((await fetch(rig.url)).status).toBe(200);
  });

  test("callers have counts of their own", async () => {
    const rig = await startRig({
      policy: `
callers: { api-key: { bearer: true } }
limits: [{ name: key, per: [api-key], quota: 1, window: 1m }]`,
    });
    const as = (key: string): Promise<Response> => fetch(rig.url, { headers: { authorization: `Bearer ${key}` } });
    expect((await as("a")).status).toBe(200);
    expect((await as("a")).status).toBe(429);
    expect((await as("b")).status).toBe(200);
  });

  test("a path written another way meets the same limit, and the upstream sees it as it was decided", async () => {
    const rig = await startRig({
      policy: `limits: [{ name: events, match: { path: /v1/events }, per: [], quota: 1, window: 1m }]`,
    });
    expect((await fetch(`${rig.url}/v1/events`)).status).toBe(200);
    expect(await statusOfPath(rig.port, "/v1//%65vents?a=%2F..")).toBe(429);
    expect(await statusOfPath(rig.port, "/v1/x/../events")).toBe(429);
    expect(await statusOfPath(rig.port, "/v1/%6fther/./?a=%2F..")).toBe(200);
    expect(rig.upstream.seen.map(({ url }) => url)).toEqual(["/v1/events", "/v1/other/?a=%2F.."]);
  });

  test.each(["http://[::1", "http://a:b", "http://%zz/"])("%s is not a target", async (target) => {
    const rig = await startRig();
    const answer = await exchangeRaw(rig.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(statusOf(answer)).toBe(400);
    expect(rig.upstream.seen).toHaveLength(0);
  });

  test("an absolute-form target meets the limits of its path, and its host counts", async () => {
    const rig = await startRig({
      policy: `limits: [{ name: events, match: { path: /v1/events }, per: [], quota: 1, window: 1m }]`,
    });
    expect(await statusOfPath(rig.port, "http://api.example/v1/events")).toBe(200);
    expect(await statusOfPath(rig.port, "http://api.example/v1/events")).toBe(429);
    expect(rig.upstream.seen[0]?.url).toBe("/v1/events");
    expect(rig.upstream.seen[0]?.headers.host).toBe("api.example");
  });

  test("X-Forwarded-For from a stranger changes nothing", async () => {
    const rig = await startRig({ policy: "limits: [{ name: ip, per: [ip], quota: 1, window: 1m }]" });
    const from = (address: string): Promise<Response> =>
      fetch(rig.url, { headers: { "x-forwarded-for": address, forwarded: `for=${address}` } });
    expect((await from("1.1.1.1")).status).toBe(200);
    expect((await from("2.2.2.2")).status).toBe(429);
    expect(rig.upstream.seen[0]?.headers["x-forwarded-for"]).toBe("127.0.0.1");
  });

  test("from a trusted proxy it tells who calls", async () => {
    const rig = await startRig({
      policy: `
callers: { ip: { trusted-proxies: [127.0.0.0/8] } }
limits: [{ name: ip, per: [ip], quota: 1, window: 1m }]`,
    });
    const from = (address: string): Promise<Response> => fetch(rig.url, { headers: { "x-forwarded-for": address } });
    expect((await from("1.1.1.1")).status).toBe(200);
    expect((await from("2.2.2.2")).status).toBe(200);
    expect((await from("2.2.2.2")).status).toBe(429);
  });
});

describe("a request cannot be two things at once", () => {
  const policy = `
callers: { api-key: { header: x-key } }
limits: [{ name: key, per: [api-key], quota: 1, window: 1m }]`;

  test("a key sent twice goes upstream as the one value that was counted", async () => {
    const rig = await startRig({ policy });
    await statusThrough(rig.port, undefined, { "x-key": ["a", "b"] });
    expect(rig.upstream.seen[0]?.rawHeaders.filter((name) => name.toLowerCase() === "x-key")).toHaveLength(1);
    expect(rig.upstream.seen[0]?.headers["x-key"]).toBe("a, b");
  });

  test("a key that Connection declares away is not counted, for the upstream will not see it", async () => {
    const rig = await startRig({ policy });
    const headers = { "x-key": "a", connection: "close, x-key" };
    expect(await statusThrough(rig.port, undefined, headers)).toBe(200);
    expect(await statusThrough(rig.port, undefined, headers)).toBe(200);
    expect(rig.upstream.seen[0]?.headers["x-key"]).toBeUndefined();
  });
});

describe("requests in flight are counted", () => {
  const policy = "limits: [{ name: flight, per: [], quota: 1, algorithm: concurrency }]";

  test("until the answer has ended", async () => {
    const rig = await startRig({ policy });
    for (let i = 0; i < 3; i++) expect((await fetch(rig.url).then((response) => response.text())).length).toBe(11);
  });

  test("until the client has gone away", async () => {
    const arrived = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const rig = await startRig({
      policy,
      upstream: (request, response) => {
        if (request.url !== "/slow") return void response.end("ok");
        response.on("close", aborted.resolve);
        arrived.resolve();
      },
    });
    const abort = new AbortController();
    const slow = fetch(`${rig.url}/slow`, { signal: abort.signal }).catch(() => "aborted");
    await arrived.promise;
    expect((await fetch(rig.url)).status).toBe(429);

    abort.abort();
    expect(await slow).toBe("aborted");
    await aborted.promise;
    await expect.poll(async () => (await fetch(rig.url)).status).toBe(200);
  });

  test("until the upstream has failed", async () => {
    const rig = await startRig({ policy, upstream: (request) => request.socket.destroy() });
    for (let i = 0; i < 3; i++) expect((await fetch(rig.url)).status).toBe(502);
  });
});

function statusOfPath(port: number, path: string): Promise<number> {
  return statusThrough(port, undefined, {}, path);
}

function statusThrough(
  port: number,
  agent?: Agent,
  headers: IncomingHttpHeaders | Record<string, string[]> = {},
  path = "/",
): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ port, host: "127.0.0.1", path, headers, ...(agent && { agent }) }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    })
      .on("error", reject)
      .end();
  });
}

import type { RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { exchangeRaw, statusOf } from "./raw-connection.ts";
import { oneLimit, startRig } from "./rig.ts";

describe("headers of one connection stay on it", () => {
  test("on the way up", async () => {
    const rig = await startRig();
    await exchangeRaw(
      rig.port,
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Secret-Hop\r\nX-Secret-Hop: 1\r\nKeep-Alive: timeout=5\r\n" +
        "TE: trailers\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: close\r\nX-Kept: 1\r\n\r\n",
    );
    const names = Object.keys(rig.upstream.seen[0]?.headers ?? {});
    expect(names).toContain("x-kept");
    for (const name of ["x-secret-hop", "keep-alive", "te", "proxy-authorization", "proxy-connection"]) {
      expect(names).not.toContain(name);
    }
  });

  test("on the way down", async () => {
    const rig = await startRig({
      upstream: (_request, response) => {
        response.writeHead(200, [
          ...["Connection", "keep-alive, X-Hop", "X-Hop", "1", "Keep-Alive", "timeout=7"],
          ...["Set-Cookie", "a=1", "Set-Cookie", "b=2", "X-Kept", "1", "Proxy-Authenticate", "Basic"],
        ]);
        response.end();
      },
    });
    const { headers } = await fetch(rig.url);
    expect(headers.get("x-kept")).toBe("1");
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    for (const name of ["x-hop", "proxy-authenticate"]) expect(headers.get(name)).toBeNull();
    expect(headers.get("keep-alive")).toBe("timeout=65");
  });
});

test("a header called __proto__ does not reach the upstream", async () => {
  const rig = await startRig();
  await exchangeRaw(
    rig.port,
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n__proto__: x\r\nconstructor: y\r\n\r\n",
  );
  const { rawHeaders } = rig.upstream.seen[0] ?? {};
  expect(rawHeaders).not.toContain("__proto__");
  expect(rawHeaders).toContain("constructor");
});

describe("the upstream's own rate limits", () => {
  const upstream: RequestListener = (_request, response) => {
    response.writeHead(200, {
      "X-RateLimit-Limit": "1",
      "X-Rate-Limit-Foo": "1",
      RateLimit: '"theirs";r=1',
      "RateLimit-Policy": '"theirs";q=1',
      "Retry-After": "5",
    });
    response.end();
  };

  test("are taken off, even where no limit matched; Retry-After passes", async () => {
    const rig = await startRig({ upstream });
    const { headers } = await fetch(rig.url);
    expect([...headers.keys()].filter((name) => /rate-?limit/.test(name))).toEqual([]);
    expect(headers.get("retry-after")).toBe("5");
  });

  test("are kept where the policy says so, beside the gateway's own", async () => {
    const rig = await startRig({
      upstream,
      policy: `${oneLimit(10)}\nresponses: { headers: { style: x-ratelimit, upstream: keep } }`,
    });
    const { headers } = await fetch(rig.url);
    expect(headers.get("x-ratelimit-limit")).toBe("10");
    expect(headers.get("ratelimit")).toBe('"theirs";r=1');
  });
});

describe("the upstream is told who calls", () => {
  test("by the connection, whatever a stranger says", async () => {
    const rig = await startRig();
    await exchangeRaw(
      rig.port,
      "GET / HTTP/1.1\r\nHost: api.example:80\r\nConnection: close\r\nX-Forwarded-For: 6.6.6.6\r\n" +
        "X_Forwarded_For: 6.6.6.6\r\nX-Forwarded-Port: 666\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 6.6.6.6\r\n" +
        "X-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\n\r\n",
    );
    const { headers } = rig.upstream.seen[0] ?? {};
    expect(headers).toMatchObject({
      host: "api.example:80",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "api.example:80",
      forwarded: 'for=127.0.0.1;host="api.example:80";proto=http',
    });
    expect(JSON.stringify(headers)).not.toContain("666");
    expect(JSON.stringify(headers)).not.toContain("6.6.6.6");
  });

  test("by a trusted proxy, continued", async () => {
    const rig = await startRig({ policy: "callers: { ip: { trusted-proxies: [127.0.0.1] } }\nlimits: []" });
    await exchangeRaw(
      rig.port,
      "GET / HTTP/1.1\r\nHost: inner\r\nConnection: close\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n" +
        "X-Forwarded-Port: 443\r\nX-Forwarded-Host: api.example\r\nForwarded: for=1.2.3.4;proto=https\r\n\r\n",
    );
    expect(rig.upstream.seen[0]?.headers).toMatchObject({
      "x-forwarded-for": "1.2.3.4, 127.0.0.1",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "api.example",
      "x-forwarded-port": "443",
      forwarded: "for=1.2.3.4;proto=https, for=127.0.0.1;host=inner;proto=http",
    });
  });

  // Many proxies pass a client's Connection on: it named the proxy's own word of the client away, and was counted as it.
  test("by a trusted proxy, though Connection names the headers that say so", async () => {
    const rig = await startRig({
      policy: `
callers: { ip: { trusted-proxies: [127.0.0.1] } }
limits: [{ name: each, per: [ip], quota: 1, window: 1m }]`,
    });
    const from = (address: string): Promise<string> =>
      exchangeRaw(
        rig.port,
        `GET / HTTP/1.1\r\nHost: inner\r\nConnection: close, X-Forwarded-For, Forwarded, X-Real-IP\r\n` +
          `X-Forwarded-For: ${address}\r\nX-Real-IP: ${address}\r\n\r\n`,
      );
    expect(statusOf(await from("1.2.3.4"))).toBe(200);
    expect(statusOf(await from("1.2.3.4"))).toBe(429);
    expect(statusOf(await from("1.2.3.5"))).toBe(200);
    expect(rig.upstream.seen[0]?.headers).toMatchObject({
      "x-forwarded-for": "1.2.3.4, 127.0.0.1",
      "x-real-ip": "1.2.3.4",
    });
  });

  test("by a trusted proxy that speaks only X-Forwarded-For, continued in Forwarded too", async () => {
    const rig = await startRig({ policy: "callers: { ip: { trusted-proxies: [127.0.0.1] } }\nlimits: []" });
    const forwardedFor = 'X-Forwarded-For: 1.2.3.4, 2001:db8::1, "x;y\r\n';
    await exchangeRaw(rig.port, `GET / HTTP/1.1\r\nHost: inner\r\nConnection: close\r\n${forwardedFor}\r\n`);
    expect(rig.upstream.seen[0]?.headers.forwarded).toBe(
      'for=1.2.3.4, for="[2001:db8::1]", for=unknown, for=127.0.0.1;host=inner;proto=http',
    );
  });
});

test("every answer carries the rate-limit headers, whoever made it", async () => {
  const rig = await startRig({
    policy: `
limits:
  - { name: all, per: [], quota: 4, window: 1m }
  - { name: payload, max-body: 1KB }`,
    upstream: (request, response) => {
      if (request.url === "/gone") return void request.socket.destroy();
      response.statusCode = Number(request.url?.slice(1));
      response.end();
    },
  });
  const remaining = async (path: string, init?: RequestInit): Promise<[number, string | null]> => {
    const response = await fetch(rig.url + path, init);
    return [response.status, response.headers.get("x-ratelimit-remaining")];
  };
  expect(await remaining("/200")).toEqual([200, "3"]);
  expect(await remaining("/404")).toEqual([404, "2"]);
  expect(await remaining("/500")).toEqual([500, "1"]);
  expect(await remaining("/200", { method: "POST", body: "x".repeat(2000) })).toEqual([413, "1"]);
  expect(await remaining("/gone", { method: "POST" })).toEqual([502, "0"]);
  expect(await remaining("/200")).toEqual([429, "0"]);
});

test("a request that no limit matches carries none", async () => {
  const rig = await startRig();
  const { headers } = await fetch(rig.url);
  expect([...headers.keys()].filter((name) => /ratelimit/.test(name))).toEqual([]);
});

test("interim answers of the upstream are not taken for its answer", async () => {
  const rig = await startRig({
    upstream: (_request, response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.end("ok");
    },
  });
  const response = await fetch(rig.url);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("ok");
});

import { describe, expect, test } from "vitest";
import { RawConnection } from "./raw-connection.ts";
import { oneLimit, type Rig, type RigOptions, startRig } from "./rig.ts";

const get = (path: string, headers = ""): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`;

/** A gate whose upstream never answers `/slow`; `open` says how many such requests it has. */
async function startSlowRig(options: RigOptions = {}): Promise<Rig & { readonly open: () => number }> {
  let open = 0;
  const rig = await startRig({
    ...options,
    upstream: (request, response) => {
      if (request.url !== "/slow") return void response.end("ok");
      open++;
      response.on("close", () => open--);
    },
  });
  return { ...rig, open: () => open };
}

test("sixteen requests at once, as benchmarks send them, are answered in turn, again and again", async () => {
  const rig = await startRig({ upstream: (request, response) => response.end(request.url) });
  const connection = new RawConnection(rig.port);
  for (let round = 0; round < 8; round++) {
    const paths = Array.from({ length: 16 }, (_, i) => `/${round}-${i}.`);
    connection.send(paths.map((path) => get(path)).join(""));
    const text = await connection.until(new RegExp(`/${round}-15\\.$`));
    expect(text.match(/\/\d+-\d+\./g)?.slice(-16)).toEqual(paths);
  }
});

describe("a client that leaves answers behind another untaken", () => {
  const perKey = `
callers: { api-key: { header: x-key } }
limits: [{ name: each, per: [api-key], quota: 1, window: 1h }]`;

  // They were counted among those that wait for the upstream, so one caller over its limit shut everybody out.
  test("takes no room from others by what is refused", async () => {
    const rig = await startSlowRig({ policy: perKey, limits: { maxUpstreamRequests: 2 } });
    new RawConnection(rig.port).send(get("/slow", "X-Key: a\r\n") + get("/refused", "X-Key: a\r\n").repeat(20));
    await expect.poll(rig.open).toBe(1);
    expect((await fetch(rig.url, { headers: { "x-key": "b" } })).status).toBe(200);
  });

  // node:http stops reading a connection with 64 KB of answers ready, and then does not see it close.
  test("is seen to close, and its request to the upstream ends", async () => {
    const rig = await startSlowRig({ policy: perKey });
    const connection = new RawConnection(rig.port);
    connection.send(get("/slow", "X-Key: a\r\n") + get("/refused", "X-Key: a\r\n").repeat(64));
    await expect.poll(rig.open).toBe(1);
    connection.socket.destroy();
    await expect.poll(rig.open).toBe(0);
  });

  test("loses its connection where more bytes of them lie ready than may", async () => {
    let slow = 0;
    let large = 0;
    const rig = await startRig({
      policy: `credentials: managed\ncallers: { api-key: { bearer: true } }\n${oneLimit(100)}`,
      limits: { maxPipelinedBytes: 1_000_000 },
      builtin: {
        maxBodyBytes: 1000,
        answer: ({ path }) => {
          if (path === "/large") large += 1;
          if (path !== "/slow") return { status: 200, headers: [], body: "x".repeat(300_000) };
          slow += 1;
          return new Promise(() => {});
        },
        drain: () => {},
      },
    });
    const connection = new RawConnection(rig.port).send(get("/slow") + get("/large").repeat(3));
    await expect.poll(() => [slow, large]).toEqual([1, 3]);
    expect(connection.socket.closed).toBe(false);
    const another = new RawConnection(rig.port).send(get("/slow") + get("/large").repeat(60));
    expect(await another.untilClosed()).toBe("");
    expect((await fetch(rig.url)).status).toBe(200);
  });

  test.each([
    ["are refused", get("/refused")],
    ["are no requests that can be served", "GET /a;b HTTP/1.1\r\nHost: h\r\n\r\n"],
    ["expect what is not met", get("/", "Expect: more\r\n")],
  ])("loses its connection where more wait than may, even if they %s", async (_, request) => {
    const rig = await startSlowRig({ policy: oneLimit(1) });
    const connection = new RawConnection(rig.port).send(get("/slow"));
    await expect.poll(rig.open).toBe(1);
    connection.send(request.repeat(65));
    expect(await connection.untilClosed()).toBe("");
    await expect.poll(rig.open).toBe(0);
    expect(rig.upstream.seen).toHaveLength(1);
  });
});

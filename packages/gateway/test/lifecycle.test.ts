import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { RawConnection } from "./raw-connection.ts";
import { oneLimit, startRig, startUpstream } from "./rig.ts";

describe("reload", () => {
  test("under load fails no request, and the new limits hold at once with the old counts", async () => {
    const rig = await startRig({ policy: oneLimit(1_000_000) });
    let isLoading = true;
    const statuses = new Set<number>();
    const load = async (): Promise<number> => {
      let sent = 0;
      for (; isLoading; sent++) {
        const response = await fetch(rig.url);
        await response.text();
        statuses.add(response.status);
      }
      return sent;
    };
    const loads = Array.from({ length: 8 }, load);
    for (let i = 1; i <= 50; i++) {
      rig.gateway.reload(rig.policy(oneLimit(1_000_000 + i)));
      await fetch(rig.url).then((response) => response.text());
    }
    isLoading = false;
    const sent = (await Promise.all(loads)).reduce((sum, count) => sum + count, 50);
    expect([...statuses]).toEqual([200]);
    const { headers } = await fetch(rig.url);
    expect(headers.get("x-ratelimit-limit")).toBe("1000050");
    expect(headers.get("x-ratelimit-remaining")).toBe(String(1_000_050 - sent - 1));
  });

  test("to another upstream lets requests to the old one finish", async () => {
    const answer = Promise.withResolvers<void>();
    const rig = await startRig({
      upstream: (_request, response) => void answer.promise.then(() => response.end("old")),
    });
    const other = await startUpstream((_request, response) => response.end("new"));
    const inFlight = fetch(rig.url);
    await expect.poll(() => rig.upstream.seen.length).toBe(1);
    rig.gateway.reload({ ...rig.policy("limits: []"), upstream: { kind: "http", url: new URL(other.url) } });
    expect(await (await fetch(rig.url)).text()).toBe("new");
    answer.resolve();
    expect(await (await inFlight).text()).toBe("old");
    await expect.poll(() => connectionsOf(rig.upstream.server)).toBe(0);
  });

  test("of a policy that cannot be served changes nothing", async () => {
    const rig = await startRig({ policy: oneLimit(5) });
    const builtin = { ...rig.policy("limits: []"), upstream: { kind: "builtin", name: "events" } as const };
    expect(() => rig.gateway.reload(builtin)).toThrow(expect.objectContaining({ code: "HG_UPSTREAM_MISSING" }));
    const keyless = rig.policy("callers: { tenant: { jwt-claim: sub, jwks: /nowhere/jwks.json } }\nlimits: []");
    const elsewhere = { kind: "http", url: new URL("http://127.0.0.1:1") } as const;
    for (const policy of [keyless, { ...keyless, upstream: elsewhere }]) {
      expect(() => rig.gateway.reload(policy)).toThrow(expect.objectContaining({ code: "HG_JWKS_UNREADABLE" }));
    }
    const response = await fetch(rig.url);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-ratelimit-limit")).toBe("5");
  });
});

describe("drain", () => {
  test("lets requests in flight finish, closes their connections, and takes no new ones", async () => {
    const answer = Promise.withResolvers<void>();
    const rig = await startRig({
      upstream: (request, response) => {
        if (request.url === "/slow") void answer.promise.then(() => response.end("done"));
        else response.end("ok");
      },
    });
    const idle = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await idle.until(/ok/);
    const silent = new RawConnection(rig.port);
    const busy = new RawConnection(rig.port).send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    await expect.poll(() => rig.upstream.seen.length).toBe(2);

    let isDrained = false;
    const drained = rig.gateway.drain().then(() => {
      isDrained = true;
    });
    await idle.untilClosed();
    await silent.untilClosed();
    await expect(fetch(rig.url)).rejects.toThrow();
    expect(isDrained).toBe(false);

    answer.resolve();
    const response = await busy.untilClosed();
    expect(response).toMatch(/^Connection: close\r$/m);
    expect(response).toMatch(/done/);
    await drained;
    await expect.poll(() => connectionsOf(rig.upstream.server)).toBe(0);
  });
});

test("a connection whose answer had begun before draining closes after it, too", async () => {
  const answering = Promise.withResolvers<ServerResponse>();
  const rig = await startRig({
    upstream: (_request, response) => {
      response.write("first ");
      answering.resolve(response);
    },
  });
  const busy = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await busy.until(/first/);
  const drained = rig.gateway.drain();
  (await answering.promise).end("last");
  expect(await busy.untilClosed()).toMatch(/last/);
  await drained;
});

test("a base path of the upstream goes before every path", async () => {
  const rig = await startRig();
  const url = new URL(`${rig.upstream.url}/base/`);
  rig.gateway.reload({ ...rig.policy("limits: []"), upstream: { kind: "http", url } });
  await fetch(`${rig.url}/v1/events?a=1`);
  expect(rig.upstream.seen[0]?.url).toBe("/base/v1/events?a=1");
});

function connectionsOf(server: {
  getConnections(done: (error: Error | null, count: number) => void): void;
}): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}

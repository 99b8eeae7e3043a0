import { MemoryStore, type Store } from "@headgate/core";
import { describe, expect, test } from "vitest";
import { RawConnection } from "./raw-connection.ts";
import { oneLimit, startManagedRig, startRig } from "./rig.ts";

/** A store that answers later, as one across a network does; `gate` holds its answers back. */
function distantStore(gate: { wait: Promise<unknown> } = { wait: Promise.resolve() }): Store {
  const memory = new MemoryStore({ maxPartitions: 1000 });
  return {
    consume: async (claims, now) => {
      const verdicts = memory.consume(claims, now);
      await gate.wait;
      return verdicts;
    },
    peek: async (claims, now) => memory.peek(claims, now),
    charge: async (claims, now) => memory.charge(claims, now),
    refund: async (charges, now) => {
      await gate.wait;
      return memory.refund(charges, now);
    },
    reset: async (claims) => memory.reset(claims),
  };
}

describe("with a store across a network", () => {
  test("the limits hold as with one at hand", async () => {
    const rig = await startRig({ policy: oneLimit(3), store: distantStore() });
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await fetch(rig.url, { method: "POST", body: "x" })).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(rig.upstream.seen).toHaveLength(3);
  });

  test.each([true, false])("a body waits for its head to be settled (conditional: %s)", async (isConditional) => {
    const large = "x".repeat(500_000);
    const rig = await startRig({
      policy: `
limits: [{ name: all, per: [], quota: 9, window: 1m, refund: { status: [200] } }]
conditional: ${isConditional}`,
      store: distantStore(),
      upstream: (request, response) => response.end(request.url === "/large" ? large : "small"),
    });
    const response = await fetch(`${rig.url}/large`);
    expect(response.headers.get("x-ratelimit-remaining")).toBe("9");
    expect(await response.text()).toBe(large);
    expect(await (await fetch(rig.url)).text()).toBe("small");
  });

  test("denials suspend as with one at hand", async () => {
    const rig = await startManagedRig({
      policy: `${oneLimit(1)}\nsuspend: [{ per: ip, after: 2 denials, within: 10m, for: 1h }]`,
      store: distantStore(),
    });
    const ask = async (): Promise<number> => (await fetch(rig.url)).status;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 429, 429]);
    await expect.poll(ask).toBe(403);
  });

  test("a client that leaves before it is decided does not reach the upstream, and holds no place", async () => {
    const decided = Promise.withResolvers<void>();
    const gate = { wait: decided.promise as Promise<unknown> };
    const rig = await startRig({
      policy: "limits: [{ name: flight, per: [], quota: 1, algorithm: concurrency }]",
      store: distantStore(gate),
    });
    const connection = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await new Promise((resolve) => connection.socket.once("connect", resolve));
    connection.socket.end();
    await connection.untilClosed();
    decided.resolve();
    await expect.poll(async () => (await fetch(`${rig.url}/next`)).status).toBe(200);
    expect(rig.upstream.seen.map(({ url }) => url)).not.toContain("/");
  });
});

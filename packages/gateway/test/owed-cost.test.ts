import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { BuiltinAnswer } from "../src/builtin-api.ts";
import { RawConnection } from "./raw-connection.ts";
import { type Rig, type RigOptions, startRig } from "./rig.ts";

/** A gate to an upstream that tells a cost of 30, when it is told to go on. */
async function startCostly(options: RigOptions = {}): Promise<Rig & { readonly answers: ServerResponse[] }> {
  const answers: ServerResponse[] = [];
  const rig = await startRig({
    policy: "limits: [{ name: points, per: [], quota: 100, window: 1m, cost: { response-header: x-cost } }]",
    ...options,
    upstream: (request, response) => {
      response.setHeader("X-Cost", request.url === "/free" ? "1" : "30");
      if (request.url === "/free") response.end();
      else answers.push(response);
    },
  });
  return { ...rig, answers };
}

async function leaveEarly(rig: Rig & { readonly answers: ServerResponse[] }): Promise<void> {
  const before = rig.answers.length;
  const connection = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await expect.poll(() => rig.answers.length).toBe(before + 1);
  connection.socket.destroy();
}

const remaining = async (rig: Pick<Rig, "url">): Promise<number> =>
  Number((await fetch(`${rig.url}/free`)).headers.get("x-ratelimit-remaining"));

// A client that did not wait for the answer had the upstream's work for one unit, however much it cost.
test("who leaves before the answer pays what it costs all the same", async () => {
  const rig = await startCostly();
  await leaveEarly(rig);
  // The gate has seen it go by the time that it has served another.
  expect(await remaining(rig)).toBe(98);
  rig.answers[0]?.end("a body that nobody reads");
  await expect.poll(() => remaining(rig)).toBeLessThan(70);
});

test("who leaves while the body is held for its ETag pays too", async () => {
  const policy = "limits: [{ name: points, per: [], quota: 100, window: 1m, cost: { response-header: x-cost } }]";
  const rig = await startCostly({ policy: `${policy}\nconditional: true` });
  const connection = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await expect.poll(() => rig.answers.length).toBe(1);
  rig.answers[0]?.setHeader("Content-Length", "100").write("the beginning");
  // The gate has the head by the time that it has served another.
  await remaining(rig);
  connection.socket.destroy();
  await expect.poll(() => remaining(rig)).toBeLessThan(70);
});

test("who leaves before an API in the gate's own process has answered pays too", async () => {
  const answers: ((answer: BuiltinAnswer) => void)[] = [];
  const told = (cost: string): BuiltinAnswer => ({ status: 200, headers: ["X-Cost", cost], body: "" });
  const rig = await startRig({
    policy: `
credentials: managed
callers: { api-key: { bearer: true } }
limits: [{ name: points, per: [], quota: 100, window: 1m, cost: { response-header: x-cost } }]`,
    builtin: {
      maxBodyBytes: 1000,
      answer: ({ path }) => (path === "/free" ? told("1") : new Promise((resolve) => answers.push(resolve))),
      drain: () => {},
    },
  });
  const connection = new RawConnection(rig.port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await expect.poll(() => answers.length).toBe(1);
  connection.socket.destroy();
  expect(await remaining(rig)).toBe(98);
  answers[0]?.(told("30"));
  expect(await remaining(rig)).toBe(68);
});

test("who leaves counts among those that wait for the upstream until it has told the cost, or failed", async () => {
  const rig = await startCostly({ limits: { maxUpstreamRequests: 2 } });
  await leaveEarly(rig);
  await leaveEarly(rig);
  const status = async (): Promise<number> => (await fetch(`${rig.url}/free`)).status;
  expect(await status()).toBe(503);
  rig.answers[0]?.end();
  await expect.poll(status).toBe(200);
  rig.answers[1]?.destroy();
  await leaveEarly(rig);
  expect(await status()).toBe(200);
});

test("a request whose body is refused on its way is not waited for", async () => {
  const rig = await startCostly({
    policy: `
limits:
  - { name: points, per: [], quota: 100, window: 1m, cost: { response-header: x-cost } }
  - { name: payload, max-body: 1KB }`,
  });
  const connection = new RawConnection(rig.port);
  connection.send(`POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`);
  await expect.poll(() => rig.answers.length).toBe(1);
  const closed = new Promise((resolve) => rig.answers[0]?.on("close", resolve));
  connection.send(`400\r\n${"x".repeat(1024)}\r\n`);
  expect(await connection.until(/\}$/)).toMatch(/^HTTP\/1\.1 413/);
  await closed;
});

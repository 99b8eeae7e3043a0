import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { HeadgateError } from "@headgate/core";
import { describe, expect, onTestFinished, test } from "vitest";
import { readPolicy } from "../../packages/headgate/src/policy-file.ts";
import { type Serving, startServing } from "../../packages/headgate/src/serving.ts";
import {
  hasRedis,
  type RedisOptions,
  type RedisServer,
  startRedis,
} from "../../packages/redis/test/servers/redis-server.ts";
import { headgateWith } from "../command/headgate.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { serve, startUpstream } from "./harness.ts";

/** Where nothing listens. */
const NOWHERE = "127.0.0.1:1";

async function start(options?: RedisOptions): Promise<RedisServer> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.end());
  return redis;
}

/** A policy with one limit, and this store. */
async function policyWith(store: string): Promise<string> {
  const file = join(await temporaryFolder(), "policy.yaml");
  const limit = "{ name: all, per: [], quota: 1000, window: 1h, on-store-error: deny }";
  await writeFile(file, `headgate: 1\nupstream: http://${NOWHERE}\nlimits: [${limit}]\n${store}\n`);
  return file;
}

const IN_REDIS = "store: { redis: {} }";

describe("serve ends with 2 and one line that says why, where", () => {
  async function serveInVain(redisUrl: string): Promise<string> {
    const ports = ["--port", "0", "--admin-port", "0", "--data", await temporaryFolder()];
    const args = ["serve", await policyWith(IN_REDIS), ...ports];
    const { exitCode, stdout, stderr } = await headgateWith({ REDIS_URL: redisUrl }, ...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    return stderr;
  }

  test("nobody says which Redis", async () => {
    expect(await serveInVain("")).toMatch(/^headgate: HG_REDIS_URL .+\n$/);
  });

  test.skipIf(!hasRedis)("the password is another", async () => {
    const redis = await start({ password: "right" });
    const line = await serveInVain(redis.url.replace("right", "s3cret"));
    expect(line).toMatch(/^headgate: HG_REDIS_AUTH .+\n$/);
    expect(line).not.toContain("s3cret");
  });
});

/** Starts a gate in this process, until the test ends. */
async function startWith(store: string, redisUrl: string): Promise<Serving> {
  const upstream = await startUpstream();
  const read = await readPolicy(await policyWith(store));
  if (!read.policy) throw new Error("the policy has faults");
  const serving = await startServing({
    ...read,
    policy: read.policy,
    port: 0,
    host: "127.0.0.1",
    adminPort: 0,
    upstream: new URL(upstream.url),
    data: { folder: await temporaryFolder(), databaseUrl: undefined },
    redisUrl,
    clock: Date.now,
    log: { info() {}, warn() {}, error() {} },
  });
  onTestFinished(() => serving.drain(1000).then(() => {}));
  return serving;
}

/** What a gate fails with that should not start. */
async function faultWith(redisUrl: string): Promise<Pick<HeadgateError, "code" | "message">> {
  return startWith(IN_REDIS, redisUrl).then(
    () => Promise.reject(new Error("it has started")),
    ({ code, message }: HeadgateError) => ({ code, message }),
  );
}

describe("nothing is started, and the password not told, where", () => {
  test.skipIf(!hasRedis)("Redis wants a password", async () => {
    const { port } = await start({ password: "s3cret" });
    expect(await faultWith(`redis://127.0.0.1:${port}`)).toMatchObject({ code: "HG_REDIS_AUTH" });
  });

  test.skipIf(!hasRedis)("Redis is a replica", async () => {
    const { url } = await start({ settings: { replicaof: NOWHERE.replace(":", " ") } });
    expect(await faultWith(url)).toMatchObject({ code: "HG_REDIS_REPLICA" });
  });

  test("Redis is too old", async () => {
    const { code, message } = await faultWith(`redis://${await listenAs("6.0.16")}`);
    expect(code).toBe("HG_REDIS_TOO_OLD");
    expect(message).toContain("6.0.16");
  });

  test("nothing listens", async () => {
    const { code, message } = await faultWith(`redis://:s3cret@${NOWHERE}`);
    expect(code).toBe("HG_REDIS_UNREACHABLE");
    expect(message).not.toContain("s3cret");
  });

  test("the URL is none", async () => {
    const { code, message } = await faultWith(`http://:s3cret@${NOWHERE}`);
    expect(code).toBe("HG_REDIS_URL");
    expect(message).not.toContain("s3cret");
  });
});

/** Listens, and says of itself what a Redis of another version would: one that old cannot be installed beside the other. */
async function listenAs(version: string): Promise<string> {
  const info = `redis_version:${version}\r\n`;
  const server = createServer((socket) => {
    const answer = (command = ""): string =>
      command.toUpperCase() === "INFO" ? `$${info.length}\r\n${info}\r\n` : "-ERR unknown command\r\n";
    socket.setEncoding("latin1").on("error", () => {});
    socket.on("data", (text: string) => {
      for (const [, command] of text.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) socket.write(answer(command));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a policy that wants its counters in memory has them there, whatever the environment says", async () => {
  const { gatewayUrl, adminUrl } = await startWith("store: { memory: {} }", `redis://${NOWHERE}`);
  expect(await statusesOf(gatewayUrl, 1)).toEqual([200]);
  expect(await (await fetch(`${adminUrl}/metrics`)).text()).not.toContain("headgate_store_");
});

describe.skipIf(!hasRedis)("the Redis that the environment names", () => {
  test("is used rather than the policy's", async () => {
    const redis = await start();
    const { gatewayUrl } = await startWith(`store: { redis: { url: "redis://${NOWHERE}", prefix: mine } }`, redis.url);
    expect(await statusesOf(gatewayUrl, 1)).toEqual([200]);
    expect(redis.cli("--scan")).toMatch(/^mine:/);
  });

  test("is asked about each request where the policy says nothing of a store", async () => {
    const redis = await start();
    const upstream = await startUpstream();
    const { url, adminUrl } = await serve(await policyWith(""), upstream.url, {
      environment: { REDIS_URL: redis.url },
    });
    expect(await statusesOf(url, 20)).toEqual(Array(20).fill(200));
    const [, calls] =
      (await (await fetch(`${adminUrl}/metrics`)).text()).match(/^headgate_store_calls_total (.*)$/m) ?? [];
    expect(Number(calls)).toBeGreaterThanOrEqual(20);
  });
});

/** Sends requests one after the other; their statuses. */
async function statusesOf(url: string, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await fetch(url)).status);
  return statuses;
}

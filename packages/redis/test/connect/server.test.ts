import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { defineScript } from "../../src/index.ts";
import { hasAnyRedis, startAnyRedis } from "../servers/any-redis.ts";
import { hasRedis, type RedisOptions, type RedisServer, startRedis } from "../servers/redis-server.ts";
import { connect, count, countAgain, faultOf, until } from "./rig.ts";

const shared = hasAnyRedis ? await startAnyRedis() : undefined;
afterAll(() => shared?.end());

async function start(options?: RedisOptions): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.end());
  return server;
}

describe.skipIf(shared === undefined)("a script", () => {
  const ECHO = defineScript("return KEYS[1] .. '=' .. ARGV[1]");
  const url = shared?.url ?? "";

  test("gets its keys and its argument, and gives its answer, to the byte", async () => {
    const link = await connect(url);
    const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    const key = "{ü}\r\n\0";
    expect(await link.run(ECHO, [key], bytes)).toEqual(Buffer.concat([Buffer.from(`${key}=`), bytes]));
  });

  test("is sent with its source once, and by its name from then on", async () => {
    const link = await connect(url);
    const fresh = defineScript(`return ARGV[1] -- ${randomUUID()}`);
    await link.run(fresh, [], Buffer.from("a"));
    expect(link.commands).toBe(2);
    await link.run(fresh, [], Buffer.from("a"));
    expect(link.commands).toBe(3);
  });

  test("that answers with anything but bytes is a fault", async () => {
    const link = await connect(url);
    const answers = ["return 1", "return nil", "return {'a'}", "return redis.status_reply('a')"];
    for (const source of answers) {
      expect(await faultOf(link.run(defineScript(source), [], Buffer.alloc(0)))).toMatchObject({
        code: "HG_REDIS_REFUSED",
      });
    }
  });

  test("that fails after it has written is not run again", async () => {
    const link = await connect(url);
    const key = randomUUID();
    const fails = defineScript("redis.call('incr', KEYS[1]) return redis.error_reply('ERR NOSCRIPT it says')");
    for (const runs of [1, 2]) {
      expect(await faultOf(link.run(fails, [key], Buffer.alloc(0)))).toMatchObject({ code: "HG_REDIS_REFUSED" });
      expect(await count(link, key)).toBe(2 * runs);
    }
  });
});

describe.skipIf(!hasRedis)("a server", () => {
  test("that has forgotten the scripts runs each that is under way once", async () => {
    const server = await start();
    const link = await connect(server.url);
    await count(link, "key");
    server.cli("script", "flush");
    const counts = await Promise.all(Array.from({ length: 100 }, () => count(link, "key")));
    expect(new Set(counts).size).toBe(100);
    expect(server.cli("get", "key")).toBe("101");
  });

  test("that is full refuses, and goes on when it is not", async () => {
    const server = await start();
    const link = await connect(server.url);
    server.cli("config", "set", "maxmemory", "1");
    expect(await faultOf(count(link, "key"))).toEqual({
      code: "HG_REDIS_REFUSED",
      message: expect.stringContaining("OOM"),
    });
    server.cli("config", "set", "maxmemory", "0");
    expect(await count(link, "key")).toBe(1);
  });

  test("that still loads its data refuses, and goes on when it has them", async () => {
    const slowly = { "key-load-delay": "2000", "loading-process-events-interval-bytes": "1024" };
    const server = await start({ settings: { ...slowly, "enable-debug-command": "yes" } });
    const link = await connect(server.url);
    server.cli("debug", "populate", "500");
    server.cli("save");
    const restarted = server.restart();
    const fault = await until(
      () => faultOf(count(link, "key")),
      ({ code }) => code !== "HG_REDIS_UNREACHABLE",
    );
    expect(fault).toEqual({ code: "HG_REDIS_REFUSED", message: expect.stringContaining("LOADING") });
    await restarted;
    expect(await countAgain(link, "key")).toBe(1);
  });

  test("that is made a replica refuses, and is asked again until it is none", async () => {
    const server = await start();
    const link = await connect(server.url);
    server.cli("replicaof", "127.0.0.1", "1");
    expect(await faultOf(count(link, "key"))).toEqual({
      code: "HG_REDIS_REFUSED",
      message: expect.stringContaining("READONLY"),
    });
    const fault = await until(
      () => faultOf(count(link, "key")),
      ({ message = "" }) => message.includes("is a replica"),
    );
    expect(fault).toMatchObject({ code: "HG_REDIS_UNREACHABLE" });
    server.cli("replicaof", "no", "one");
    expect(await countAgain(link, "key")).toBe(1);
  });

  test("that is killed is known to be away at once, and connected to when it is there again", async () => {
    const server = await start();
    const link = await connect(server.url);
    await server.kill();
    expect(await faultOf(count(link, "key"))).toMatchObject({ code: "HG_REDIS_UNREACHABLE" });
    const before = link.commands;
    expect(await faultOf(count(link, "key"))).toMatchObject({ code: "HG_REDIS_UNREACHABLE" });
    expect(link.commands).toBe(before + 1);
    await server.restart();
    expect(await countAgain(link, "key")).toBe(1);
  });

  test("that is killed amid calls has run each at most once, and each that it answered", async () => {
    const server = await start({ persistent: true });
    const link = await connect(server.url);
    const calls = Array.from({ length: 2_000 }, () => count(link, "key"));
    const settled = Promise.allSettled(calls);
    await calls[100];
    await server.kill();
    const answered = (await settled).filter(({ status }) => status === "fulfilled").length;
    await server.restart();
    const counted = (await countAgain(link, "key")) - 1;
    expect(counted).toBeGreaterThanOrEqual(answered);
    expect(counted).toBeLessThanOrEqual(calls.length);
  });

  test("that stops for a moment keeps calls waiting, and answers them all", async () => {
    const server = await start();
    const link = await connect(server.url);
    server.stop();
    let isAnswered = false;
    const call = count(link, "key").finally(() => {
      isAnswered = true;
    });
    await turn();
    expect(isAnswered).toBe(false);
    server.cont();
    expect(await call).toBe(1);
  });

  // The client's own timeout begins anew with whatever is sent, and so would never end on a busy connection.
  test("that stops for longer is given up, however much is sent to it, and connected to when it goes on", async () => {
    const server = await start();
    const link = await connect(server.url);
    server.stop();
    const first = faultOf(count(link, "key"));
    const more = setInterval(() => count(link, "key").catch(() => {}), 50);
    onTestFinished(() => clearInterval(more));
    expect(await first).toEqual({
      code: "HG_REDIS_UNREACHABLE",
      message: expect.stringContaining("nothing heard"),
    });
    clearInterval(more);
    server.cont();
    await countAgain(link, "other");
  });
});

describe.skipIf(shared === undefined)("a link that is closed", () => {
  test("rejects what is under way, and what is asked later", async () => {
    const link = await connect(shared?.url ?? "");
    const call = faultOf(count(link, randomUUID()));
    await link.close();
    expect(await call).toMatchObject({ code: "HG_REDIS_UNREACHABLE" });
    expect(await faultOf(count(link, randomUUID()))).toMatchObject({ code: "HG_REDIS_UNREACHABLE" });
  });
});

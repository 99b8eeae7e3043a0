import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectRedis } from "../../src/index.ts";
import { hasRedis, type RedisOptions, type RedisServer, startRedis } from "../servers/redis-server.ts";
import { connect, count, faultOf } from "./rig.ts";

async function start(options?: RedisOptions): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.end());
  return server;
}

/** Listens, and gives each that connects, whatever it says, the same answers, one for each time that it says something. */
async function listen(...answers: string[]): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const left = [...answers];
    socket.on("data", () => socket.write(left.shift() ?? "")).on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.skipIf(!hasRedis)("a Redis that lets Headgate in", () => {
  test.for([
    ["without a password", {}],
    ["with a password of any letters", { password: "a:b@c/d?e% #" }],
    ["with TLS", { tls: true }],
    ["with TLS and a password", { tls: true, password: "secret" }],
  ] as const)("%s is connected to", async ([, options]) => {
    const { url } = await start(options);
    const link = await connect(url);
    expect(link.hasSlots).toBe(false);
    expect(link.slotOf("key")).toBe(0);
    expect(await count(link, "key")).toBe(1);
  });

  test("is told the user, where it knows several", async () => {
    const server = await start();
    server.cli("acl", "setuser", "headgate", "on", ">secret", "~*", "+@all");
    server.cli("acl", "setuser", "default", "off");
    const link = await connect(`redis://headgate:secret@127.0.0.1:${server.port}`);
    expect(await count(link, "key")).toBe(1);
  });

  test("is shown a certificate, where it asks for one", async () => {
    const server = await start({ tls: true, settings: { "tls-auth-clients": "yes" } });
    expect(await faultOf(connect(server.url))).toMatchObject({
      code: "HG_REDIS_UNREACHABLE",
      message: expect.stringContaining("TLS"),
    });
    const { certFile, keyFile } = server.certificate ?? {};
    const link = await connect(`${server.url}&cert=${certFile}&key=${keyFile}`);
    expect(await count(link, "key")).toBe(1);
  });

  test("keeps what is counted in the database that the URL names", async () => {
    const server = await start();
    await count(await connect(`${server.url}/2`), "key");
    expect(server.cli("-n", "2", "get", "key")).toBe("1");
    expect(server.cli("get", "key")).toBe("");
  });
});

describe.skipIf(!hasRedis)("connecting fails, and says why, with", () => {
  const withoutLogin = (url: string): string => url.replace(/\/\/.*@/, "//");
  const withoutOptions = (url: string): string => url.replace(/\?.*/, "");

  test.for<[string, RedisOptions, (url: string) => string, string, string]>([
    ["no password", { password: "right" }, withoutLogin, "HG_REDIS_AUTH", "NOAUTH"],
    ["another password", { password: "right" }, (url) => url.replace("right", "wr0ng"), "HG_REDIS_AUTH", "WRONGPASS"],
    ["a password nobody wants", {}, (url) => url.replace("//", "//:wr0ng@"), "HG_REDIS_AUTH", "without any password"],
    ["a replica", { settings: { replicaof: "127.0.0.1 1" } }, (url) => url, "HG_REDIS_REPLICA", "replica"],
    ["a database that is not there", {}, (url) => `${url}/99`, "HG_REDIS_REFUSED", "DB index"],
    ["an unknown certificate", { tls: true }, withoutOptions, "HG_REDIS_UNREACHABLE", "certificate that does not hold"],
    [
      "a certificate of another host",
      { tls: true },
      (url) => url.replace("127.0.0.1", "127.0.0.2"),
      "HG_REDIS_UNREACHABLE",
      "certificate that does not hold",
    ],
    [
      "no TLS where there is nothing else",
      { tls: true },
      (url) => withoutOptions(url).replace("rediss:", "redis:"),
      "HG_REDIS_UNREACHABLE",
      "does it take TLS alone (rediss://)?",
    ],
    [
      "a server alone that is called a Cluster",
      {},
      (url) => url.replace("redis:", "redis+cluster:"),
      "HG_REDIS_URL",
      "of no Cluster",
    ],
  ])("%s", async ([, options, change, code, words]) => {
    const server = await start({ ...options, settings: { bind: "127.0.0.1 127.0.0.2", ...options.settings } });
    const fault = await faultOf(connectRedis(change(server.url)));
    expect(fault).toEqual({ code, message: expect.stringContaining(words) });
    expect(fault.message).not.toMatch(/wr0ng|right/);
  });
});

describe("connecting fails, and says why, where", () => {
  test("nothing listens", async () => {
    expect(await faultOf(connectRedis("redis://127.0.0.1:1"))).toEqual({
      code: "HG_REDIS_UNREACHABLE",
      message: "Redis at 127.0.0.1:1 does not answer: connect ECONNREFUSED 127.0.0.1:1",
    });
  });

  // Both at once: each takes as long as it takes to give up.
  test("nothing is said, with TLS or without", async () => {
    const mute = await listen();
    const words = (hint: string): string => `Redis at ${mute} does not answer: nothing heard within 2000 ms; ${hint}`;
    const faults = await Promise.all(["redis", "rediss"].map((scheme) => faultOf(connectRedis(`${scheme}://${mute}`))));
    expect(faults).toEqual([
      { code: "HG_REDIS_UNREACHABLE", message: words("does it take TLS alone (rediss://)?") },
      { code: "HG_REDIS_UNREACHABLE", message: words("is it without TLS (redis://)?") },
    ]);
  });

  test("another service answers", async () => {
    const http = await listen("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect(await faultOf(connectRedis(`redis://${http}`))).toEqual({
      code: "HG_REDIS_UNREACHABLE",
      message: expect.stringContaining("does not speak as Redis does"),
    });
  });

  // It cannot be installed beside the one that the other tests run on. What matters here is what it says.
  test("the server is too old", async () => {
    const old = await listen("-ERR unknown command\r\n-ERR unknown command\r\n", info("redis_version:6.0.16"));
    expect(await faultOf(connectRedis(`redis://${old}`))).toEqual({
      code: "HG_REDIS_TOO_OLD",
      message: `Redis at ${old} is Redis 6.0.16: Headgate needs 6.2 or newer`,
    });
  });

  test("a server repeats the password", async () => {
    const odd = await listen("-ERR unknown command `AUTH`, with args beginning with: `secret`\r\n+OK\r\n+OK\r\n");
    const fault = await faultOf(connectRedis(`redis://:secret@${odd}`));
    expect(fault).toEqual({ code: "HG_REDIS_AUTH", message: expect.stringContaining("`***`") });
  });
});

test("a Valkey is as good as the Redis that it says it can stand in for", async () => {
  const fields = ["redis_version:7.2.4", "server_name:valkey", "valkey_version:8.1.1", "role:master"];
  const link = await connect(`redis://${await listen("+OK\r\n+OK\r\n", info(...fields))}`);
  expect(link.hasSlots).toBe(false);
});

function info(...fields: string[]): string {
  const text = `# Server\r\n${fields.join("\r\n")}\r\n`;
  return `$${text.length}\r\n${text}\r\n`;
}

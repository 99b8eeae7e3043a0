import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { openStorage, type Storage } from "../../src/index.ts";
import { startPostgresServer } from "../../src/testing/index.ts";
import { networkTo } from "./network.ts";

const server = await startPostgresServer();
afterAll(() => server?.stop());

async function open(databaseUrl: string): Promise<Storage> {
  const storage = await openStorage({ folder: "/nowhere", databaseUrl });
  onTestFinished(() => storage.close());
  return storage;
}

const write = (storage: Storage) => storage.write([{ sql: "delete from settings", parameters: [] }]);
const read = (storage: Storage) => storage.read(storage.build.selectFrom("settings").selectAll().compile());

/** Resolves when the database is known to be back, or to be away. */
async function untilReachable(storage: Storage, isReachable: boolean): Promise<void> {
  await expect.poll(() => storage.health.isReachable, { timeout: 15_000, interval: 10 }).toBe(isReachable);
}

describe.skipIf(server === undefined)("a PostgreSQL that goes away", () => {
  const url = server?.url ?? "";
  const UNREACHABLE = { code: "HG_STORAGE_UNREACHABLE" };

  test("is noticed without being asked, rejects what is asked meanwhile, and is back when it is", async () => {
    const storage = await open(url);
    await write(storage);
    let calls = 0;
    storage.onForeignCommit(() => calls++);
    await server?.kill();
    await untilReachable(storage, false);
    expect(storage.health.reason).toContain(new URL(url).host);
    await expect(write(storage)).rejects.toMatchObject(UNREACHABLE);
    await expect(read(storage)).rejects.toMatchObject(UNREACHABLE);
    const callsWhileAway = calls;
    await server?.restart();
    await untilReachable(storage, true);
    await write(storage);
    expect(await read(storage)).toEqual([]);
    expect(calls).toBeGreaterThan(callsWhileAway);
  });

  test("with the network, without a word, rejects what is under way and what comes, and is back", async () => {
    const network = await networkTo(url);
    const storage = await open(network.url);
    await write(storage);
    network.cut();
    await expect(write(storage)).rejects.toMatchObject(UNREACHABLE);
    expect(storage.health.isReachable).toBe(false);
    await expect(write(storage)).rejects.toMatchObject(UNREACHABLE);
    network.mend();
    await untilReachable(storage, true);
    await write(storage);
  });

  test("can be closed while it is away", async () => {
    const network = await networkTo(url);
    const storage = await openStorage({ folder: "/nowhere", databaseUrl: network.url });
    await write(storage);
    network.cut();
    await storage.close();
  });

  test("keeps no process from ending that has read from it", async () => {
    const network = await networkTo(url);
    const script = fileURLToPath(new URL("./reading-process.ts", import.meta.url));
    const child = spawn(process.execPath, [script, network.url], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit");
    await once(child, "message");
    network.cut();
    child.send("close");
    expect(await ended).toEqual([0, null]);
  });

  test("amid many writes leaves every answered one, and none by half", async () => {
    const storage = await open(url);
    const pair = (index: number) =>
      storage.write(
        ["first", "second"].map((half) => ({
          sql: "insert into settings values ($1, '')",
          parameters: [`${half} ${index}`],
        })),
      );
    const answered: number[] = [];
    const all = Array.from({ length: 2_000 }, (_, index) => pair(index).then(() => answered.push(index)));
    const settled = Promise.allSettled(all);
    await all[300];
    await server?.kill();
    await settled;
    expect(answered.length).toBeLessThan(2_000);
    await server?.restart();
    await untilReachable(storage, true);
    const names = new Set(
      (await storage.read(storage.build.selectFrom("settings").select("name").compile())).map(({ name }) => name),
    );
    expect(answered.filter((index) => !names.has(`first ${index}`))).toEqual([]);
    expect(
      [...names].filter(
        (name) => !names.has(`first ${name.split(" ")[1]}`) || !names.has(`second ${name.split(" ")[1]}`),
      ),
    ).toEqual([]);
  });
});

describe("a PostgreSQL that cannot be had", () => {
  const SECRET = "hunter2";

  async function refusal(databaseUrl: string): Promise<{ code: string; message: string }> {
    const error = await openStorage({ folder: "/nowhere", databaseUrl }).catch((reason) => reason);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(SECRET);
    expect(error.cause).toBe(undefined);
    return error;
  }

  test("is told by host and port, never by password", async () => {
    const error = await refusal(`postgres://user:${SECRET}@127.0.0.1:1/name`);
    expect(error).toMatchObject({ code: "HG_STORAGE_UNREACHABLE", message: expect.stringContaining("127.0.0.1:1") });
  });

  test("because its URL is none is told without the URL", async () => {
    const url = `postgres://user:${SECRET}@127.0.0.1:1/name`;
    for (const databaseUrl of [
      `postgres://user:${SECRET}@:x:y/name`,
      `postgres://user:${SECRET}@host:99999999/name`,
      `postgres://user:${SECRET}#@127.0.0.1:1/name`,
      `"${url}"`,
      ` ${url}`,
      url.replace("postgres", "mysql"),
      SECRET,
    ]) {
      expect(await refusal(databaseUrl)).toMatchObject({
        code: "HG_STORAGE_UNREACHABLE",
        message: expect.stringContaining("the database URL cannot be read: write postgres://"),
      });
    }
  });

  test("because its URL names a file that is not there is told by that file", async () => {
    const error = await refusal(`postgres://user:${SECRET}@127.0.0.1:1/name?sslrootcert=/nowhere/ca.pem`);
    expect(error.message).toMatch(/^the database URL cannot be read: ENOENT.*\/nowhere\/ca\.pem/);
  });

  test("because nothing answers on its port is told soon", async () => {
    const network = await networkTo("postgres://127.0.0.1:1/name");
    network.cut();
    const url = new URL(network.url);
    url.username = "user";
    url.password = SECRET;
    expect(await refusal(url.href)).toMatchObject({
      code: "HG_STORAGE_UNREACHABLE",
      message: expect.stringContaining(url.host),
    });
  });
});

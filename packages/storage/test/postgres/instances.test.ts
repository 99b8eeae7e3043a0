import { Client } from "pg";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { openStorage, type Statement, type Storage } from "../../src/index.ts";
import { startPostgres } from "../../src/testing/index.ts";

const postgres = await startPostgres();
afterAll(() => postgres?.stop());

async function emptyDatabase(): Promise<string> {
  return (await postgres?.createDatabase()) ?? "";
}

/** Instances of Headgate on one database, all opened at once. */
async function openInstances(databaseUrl: string, count: number): Promise<Storage[]> {
  const open = () => openStorage({ folder: "/nowhere", databaseUrl });
  const instances = await Promise.all(Array.from({ length: count }, open));
  onTestFinished(async () => {
    await Promise.all(instances.map((instance) => instance.close()));
  });
  return instances;
}

const add = (name: string, value = ""): Statement => ({
  sql: "insert into settings values ($1, $2) on conflict do nothing",
  parameters: [name, value],
  expects: { rows: 1, name: "new" },
});

/** The next time that an instance is told of others' commits. */
function told(instance: Storage): Promise<void> {
  return new Promise((resolve) => {
    const stop = instance.onForeignCommit(() => {
      stop();
      resolve();
    });
  });
}

describe.skipIf(postgres === undefined)("instances on one PostgreSQL", () => {
  test("that start at once on an empty database all succeed", async () => {
    const instances = await openInstances(await emptyDatabase(), 5);
    for (const instance of instances) expect((await instance.write([])).unmet).toBe(undefined);
  });

  test("are told of what others commit, once it can be read", async () => {
    const [one, other] = (await openInstances(await emptyDatabase(), 2)) as [Storage, Storage];
    const heard = told(other);
    await one.write([add("a")]);
    await heard;
    const rows = await other.read(other.build.selectFrom("settings").select("name").compile());
    expect(rows).toEqual([{ name: "a" }]);
  });

  test("are not told of what they commit themselves, nor of what was not kept", async () => {
    const [one, other] = (await openInstances(await emptyDatabase(), 2)) as [Storage, Storage];
    const heard: string[] = [];
    one.onForeignCommit(() => heard.push("one"));
    other.onForeignCommit(() => heard.push("other"));
    await one.write([add("a")]);
    await one.write([add("a")]);
    // Notifications come in the order of the commits: when this one is here, all before it are.
    const last = told(one);
    await other.write([add("b")]);
    await last;
    expect(heard).toEqual(["other", "one"]);
  });

  test("are told nothing more when they have stopped listening", async () => {
    const [one, other] = (await openInstances(await emptyDatabase(), 2)) as [Storage, Storage];
    let calls = 0;
    const stop = one.onForeignCommit(() => calls++);
    stop();
    const heard = told(one);
    await other.write([add("a")]);
    await heard;
    expect(calls).toBe(0);
  });

  test("take turns: of all that want one name one gets it, and each sees what the one before left", async () => {
    const instances = await openInstances(await emptyDatabase(), 3);
    const count: Statement = { sql: "update audit_head set seq = seq + 1", parameters: [] };
    const place = "select cast(seq as text), '' from audit_head";
    const note: Statement = { sql: `insert into settings ${place}`, parameters: [] };
    const commits = await Promise.all(
      instances.flatMap((instance) =>
        Array.from({ length: 100 }, (_, index) => instance.write([add(`name ${index}`), count, note])),
      ),
    );
    expect(commits.filter(({ unmet }) => unmet === undefined).length).toBe(100);
    const [instance] = instances as [Storage];
    const head = await instance.read(instance.build.selectFrom("audit_head").select("seq").compile());
    expect(head).toEqual([{ seq: 100 }]);
  });

  test("may each have a schema of their own in one database", async () => {
    const databaseUrl = await emptyDatabase();
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query("create schema one; create schema two");
    await client.end();
    const [[one], [two]] = (await Promise.all(
      ["one", "two"].map((schema) => openInstances(`${databaseUrl}?options=-csearch_path%3D${schema}`, 1)),
    )) as [[Storage], [Storage]];
    expect((await one.write([add("a")])).unmet).toBe(undefined);
    expect((await two.write([add("a")])).unmet).toBe(undefined);
  });

  test("refuse a database that a newer Headgate wrote, and change nothing", async () => {
    const databaseUrl = await emptyDatabase();
    const [instance] = (await openInstances(databaseUrl, 1)) as [Storage];
    const later = "insert into headgate_migrations values ('9999-later', '2099-01-01T00:00:00.000Z')";
    await instance.write([{ sql: later, parameters: [] }]);
    await expect(openStorage({ folder: "/nowhere", databaseUrl })).rejects.toMatchObject({ code: "HG_STORAGE_NEWER" });
  });
});

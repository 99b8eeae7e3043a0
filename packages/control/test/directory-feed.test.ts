import type { Storage } from "@headgate/storage";
import { describe, expect, test } from "vitest";
import { Directory } from "../src/directory.ts";
import { DirectoryFeed } from "../src/directory-feed.ts";
import { recordsIn } from "../src/records.ts";
import { execute, HOUR_MS, keyOnRecord, START, startRig } from "./rig.ts";

/** A storage whose reads of a table can be held back after the database has answered them. */
function holding(storage: Storage): { storage: Storage; hold(table: string): Promise<{ letGo(): void }> } {
  let held: { table: string; reached: (gate: { letGo(): void }) => void } | undefined;
  const read: Storage["read"] = async (query) => {
    const rows = await storage.read(query);
    if (held === undefined || !query.sql.includes(`from "${held.table}"`)) return rows;
    const { reached } = held;
    held = undefined;
    await new Promise<void>((letGo) => reached({ letGo }));
    return rows;
  };
  return {
    storage: Object.assign(Object.create(storage) as Storage, { read }),
    hold: (table) => new Promise((reached) => (held = { table, reached })),
  };
}

/** A second instance's directory on the same records, fed by hand. */
async function startFeed() {
  const rig = await startRig();
  const { account, key, secret } = await keyOnRecord(rig.control);
  const gate = holding(rig.control.storage);
  const directory = new Directory();
  const log: string[] = [];
  const note = (event: string): void => {
    log.push(event);
  };
  const feed = new DirectoryFeed(directory, {
    storage: gate.storage,
    records: recordsIn(gate.storage),
    clock: () => START,
    log: { info: note, warn: note, error: note },
  });
  await feed.load();
  const row = await recordsIn(rig.control.storage).key.find(key.id);
  if (!row) throw new Error("the key is on record");
  const knows = (): boolean => directory.identify(secret, START) !== undefined;
  return { ...rig, account, key, row, gate, directory, feed, log, knows };
}

describe("a directory's feed", () => {
  test("brings what others have changed, once it is told to look", async () => {
    const { control, key, feed, knows } = await startFeed();
    await control.keys.revoke(key.id, "admin");
    expect(knows()).toBe(true);
    await feed.follow();
    expect(knows()).toBe(false);
  });

  // As after a failover to a standby that had not got everything: going on in silence could keep a revoked key alive.
  test("says so when the database has lost what it had committed", async () => {
    const { control, feed, log } = await startFeed();
    await execute(control.storage, "update audit_head set seq = seq - 1");
    await feed.follow();
    expect(log).toEqual(["directory-behind"]);
  });

  test("keeps an own change that is newer than what is just being read", async () => {
    const { control, key, row, gate, feed, knows } = await startFeed();
    await control.keys.update(key.id, { name: "renamed" }, "admin");
    const reached = gate.hold("api_keys");
    const round = feed.follow();
    const { letGo } = await reached;
    const revoked = await control.keys.revoke(key.id, "admin");
    feed.put("key", key.id, { ...row, version: revoked.version, revoked_at: START }, 4);
    expect(knows()).toBe(false);
    letGo();
    await round;
    expect(knows()).toBe(false);
    await feed.follow();
    expect(knows()).toBe(false);
  });

  test("does not bring back by an own change's late answer what others have revoked since", async () => {
    const { control, key, row, feed, knows } = await startFeed();
    const renamed = await control.keys.update(key.id, { name: "renamed" }, "admin");
    await control.keys.revoke(key.id, "admin");
    await feed.follow();
    feed.put("key", key.id, { ...row, version: renamed.version, name: "renamed" }, 3);
    expect(knows()).toBe(false);
  });

  test("does not bring it back either while the rest of what they have changed is being read", async () => {
    const { control, key, row, gate, feed, knows } = await startFeed();
    const token = { keyId: key.id, kind: "access", prefix: "hg_at_", lifetimeMs: HOUR_MS } as const;
    await control.tokens.mint(token, "admin");
    const renamed = await control.keys.update(key.id, { name: "renamed" }, "admin");
    await control.keys.revoke(key.id, "admin");
    const reached = gate.hold("tokens");
    const round = feed.follow();
    const { letGo } = await reached;
    feed.put("key", key.id, { ...row, version: renamed.version, name: "renamed" }, 4);
    expect(knows()).toBe(false);
    letGo();
    await round;
    expect(knows()).toBe(false);
  });

  test("looks once more when it is told to amid a look, and not once for each time", async () => {
    const { control, key, gate, feed, knows } = await startFeed();
    const reached = gate.hold("audit_head");
    const round = feed.follow();
    const { letGo } = await reached;
    await control.keys.revoke(key.id, "admin");
    const others = Array.from({ length: 100 }, () => feed.follow());
    expect(new Set(others)).toEqual(new Set([round]));
    letGo();
    await round;
    expect(knows()).toBe(false);
  });

  test("goes through more entries than it reads at a time", async () => {
    const { control, account, directory, feed } = await startFeed();
    const create = (): Promise<unknown> => control.keys.create({ accountId: account.id, prefix: "" }, "admin");
    await Promise.all(Array.from({ length: 1_200 }, create));
    await feed.follow();
    expect(directory.counts.keys).toBe(1_201);
  });

  test("that cannot read keeps what is known, says so once, and catches up later", async () => {
    const { control, key, feed, log, knows } = await startFeed();
    await control.keys.revoke(key.id, "admin");
    await execute(control.storage, "alter table audit_head rename to elsewhere");
    await feed.follow();
    await feed.follow();
    expect(knows()).toBe(true);
    expect(log).toEqual(["directory-behind"]);
    await execute(control.storage, "alter table elsewhere rename to audit_head");
    await feed.follow();
    expect(knows()).toBe(false);
    expect(log).toEqual(["directory-behind", "directory-caught-up"]);
  });
});

import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { MirroredDirectory, MirrorFeed } from "../src/directory-mirror.ts";
import { type Rig, START, startRig } from "./rig.ts";

interface Mirrored {
  readonly feed: MirrorFeed;
  readonly ports: { readonly port1: MessagePort; readonly port2: MessagePort };
  readonly mirror: MirroredDirectory;
}

/** A mirror in this thread: messages are as they would be in another. */
function mirrorOf({ control, time }: Rig): Mirrored {
  const feed = new MirrorFeed(control);
  const ports = new MessageChannel();
  onTestFinished(() => feed.close());
  const mirror = new MirroredDirectory({ port: ports.port2, sent: feed.sent }, () => time.now);
  return { feed, ports, mirror };
}

async function keyOf({ control }: Rig, name: string): Promise<{ id: string; accountId: string; secret: string }> {
  const account = await control.accounts.create({ name, plan: "pro" }, "test");
  const { key, secret } = await control.keys.create({ accountId: account.id, prefix: "hg_sk_" }, "test");
  return { id: key.id, accountId: account.id, secret };
}

test("a mirror knows what was on record before it, and every change from the moment that it is answered", async () => {
  const rig = await startRig();
  const { control } = rig;
  const before = await keyOf(rig, "before");
  const { feed, ports, mirror } = mirrorOf(rig);
  await feed.follow(ports.port1);
  expect(mirror.identify(before.secret, START)).toEqual(control.directory.identify(before.secret, START));

  const after = await keyOf(rig, "after");
  expect(mirror.identify(after.secret, START)?.keyId).toBe(after.id);
  const subject = { type: "account", id: before.accountId } as const;
  await control.overrides.set({ subject, limit: "calls", change: { kind: "quota", quota: 7 } }, "test");
  expect(mirror.identify(before.secret, START)?.overrides?.of("calls", START)).toMatchObject({ quota: 7 });
  await control.suspensions.suspend({ caller: "account", value: after.accountId, reason: "enough" }, "test");
  expect(mirror.suspensionOf({ account: after.accountId }, START)).toMatchObject({ reason: "enough" });
  await control.keys.revoke(before.id, "test");
  expect(mirror.identify(before.secret, START)).toBeUndefined();
});

test("what changes while a mirror is being filled is not lost, nor undone by what was read before", async () => {
  const rig = await startRig();
  const keys = await Promise.all(Array.from({ length: 20 }, (_, i) => keyOf(rig, `account ${i}`)));
  const { feed, ports, mirror } = mirrorOf(rig);
  const following = feed.follow(ports.port1);
  const revoked = keys.slice(0, 10);
  const [late] = await Promise.all([
    keyOf(rig, "late"),
    ...revoked.map(({ id }) => rig.control.keys.revoke(id, "test")),
  ]);
  await following;
  for (const { secret } of revoked) expect(mirror.identify(secret, START)).toBeUndefined();
  for (const { id, secret } of [...keys.slice(10), late]) expect(mirror.identify(secret, START)?.keyId).toBe(id);
});

test("whom one directory has identified another finds by a reference, until that is revoked", async () => {
  const rig = await startRig();
  const { control } = rig;
  const { id, secret } = await keyOf(rig, "a");
  const { feed, ports, mirror } = mirrorOf(rig);
  await feed.follow(ports.port1);
  const identity = mirror.identify(secret, START);
  const reference = (identity && mirror.toReference(identity)) ?? "";
  expect(reference).not.toContain(secret);
  expect(control.directory.fromReference(reference, START)).toBe(control.directory.identify(secret, START));
  await control.keys.revoke(id, "test");
  expect(control.directory.fromReference(reference, START)).toBeUndefined();
});

test("a mirror that has left is sent nothing more", async () => {
  const rig = await startRig();
  const { feed, ports } = mirrorOf(rig);
  await feed.follow(ports.port1);
  while (receiveMessageOnPort(ports.port2));
  feed.leave(ports.port1);
  await keyOf(rig, "a");
  expect(receiveMessageOnPort(ports.port2)).toBeUndefined();
});

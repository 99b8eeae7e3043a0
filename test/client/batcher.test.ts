import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Batcher, type BatchNotice, jsonList, sendJson } from "@headgate/client/batch";
import { expect, onTestFinished, test } from "vitest";
import { serve } from "../systems/harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type NumberedItem, readTaken } from "./batch-server.ts";

interface Child {
  readonly process: ChildProcess;
  readonly lines: AsyncIterableIterator<string>;
}

function start(script: string, ...args: string[]): Child {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { process: child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function startServer(file: string, port = 0): Promise<{ child: ChildProcess; port: number; url: string }> {
  const { process, lines } = start("batch-server.ts", file, String(port));
  const { value } = await lines.next();
  return { child: process, port: Number(value), url: `http://127.0.0.1:${value}/` };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** What was taken of each key, in order. */
function takenByKey(file: string): Map<string, number[]> {
  const taken = readTaken(file).flatMap((batch) => batch.taken);
  return new Map([...Map.groupBy(taken, ({ key }) => key)].map(([key, items]) => [key, items.map(({ n }) => n)]));
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] as number));
}

test("10 000 items reach a server that refuses, hangs, takes in part and is killed: each once, in order of its key", async () => {
  const file = join(await temporaryFolder(), "taken");
  let server = await startServer(file);
  const notices: BatchNotice<NumberedItem>[] = [];
  const batcher = new Batcher<NumberedItem>({
    send: sendJson(fetch, server.url),
    envelope: jsonList("events"),
    key: ({ key }) => key,
    maxAgeMs: 50,
    timeoutMs: 400,
    backoff: { firstMs: 20, capMs: 200 },
    maxPendingItems: 1_000,
    onNotice: (notice) => notices.push(notice),
  });
  const fates: Promise<string>[] = [];
  for (let n = 1; n <= 10_000; n++) {
    // The first are large, so that batches have to be split.
    const padding = n <= 200 ? { padding: "x".repeat(150) } : {};
    const isBad = n % 1_000 === 0 ? { isBad: true } : {};
    const { delivered } = await batcher.add({ key: `key-${n % 23}`, n, ...isBad, ...padding });
    fates.push(
      delivered.then(
        () => "delivered",
        ({ code }) => code,
      ),
    );
    if (n !== 5_000) continue;
    await kill(server.child);
    server = await startServer(file, server.port);
  }
  await batcher.close();

  const results = await Promise.all(fates);
  const bad = results.flatMap((fate, index) => (fate === "delivered" ? [] : [[index + 1, fate]]));
  expect(bad).toEqual(Array.from({ length: 10 }, (_, index) => [(index + 1) * 1_000, "HG_BATCH_ITEM_REJECTED"]));
  const byKey = takenByKey(file);
  const all = [...byKey.values()].flat();
  expect(all).toHaveLength(9_990);
  expect(new Set(all).size).toBe(9_990);
  expect([...byKey.values()].every(isAscending)).toBe(true);
  const kinds = new Set(notices.map((notice) => (notice.kind === "retried" ? notice.reason : notice.kind)));
  for (const kind of ["flushed", "split", "partial", "failed"]) expect(kinds).toContain(kind);
  for (const reason of ["the API answered 429", "the API answered 503", "no answer within 400 ms", "fetch failed"]) {
    expect(kinds).toContain(reason);
  }
}, 120_000);

test("a sender that is killed in the midst of it loses nothing that its spill had, and sends nothing twice", async () => {
  const file = join(await temporaryFolder(), "taken");
  const folder = join(await temporaryFolder(), "spill");
  const { url } = await startServer(file);
  const isOnDisk = new Set<number>();
  let begun = 0;
  const noteTwenty = (line: string): void => {
    const last = Number(line.slice(2));
    if (line.startsWith(">")) begun = last;
    else for (let n = last - 19; n <= last; n++) isOnDisk.add(n);
  };
  for (const killedAt of [2_000, 5_000, 8_000]) {
    const sender = start("batch-sender.ts", url, folder, String(begun + 1), "10000");
    for await (const line of sender.lines) {
      noteTwenty(line);
      if (begun >= killedAt && sender.process.exitCode === null) sender.process.kill("SIGKILL");
    }
  }
  const sender = start("batch-sender.ts", url, folder, String(begun + 1), "10000");
  for await (const line of sender.lines) if (line !== "end") noteTwenty(line);

  const byKey = takenByKey(file);
  const all = [...byKey.values()].flat();
  const taken = new Set(all);
  expect(all).toHaveLength(taken.size);
  expect([...isOnDisk].filter((n) => !taken.has(n))).toEqual([]);
  expect(isOnDisk.size).toBeGreaterThan(9_900);
  expect([...byKey.values()].every(isAscending)).toBe(true);
  expect(await readdir(folder)).toEqual([]);
}, 120_000);

test("2 000 events go to the events API in batches of 100, and each that it rejects hears why", async () => {
  const { url, exampleKey } = await serve(undefined);
  const authorization = `Bearer ${exampleKey}`;
  const notices: BatchNotice<object>[] = [];
  const batcher = new Batcher<object>({
    send: sendJson(fetch, new URL("/v1/events/batch", url), { authorization }),
    envelope: jsonList("events"),
    onNotice: (notice) => notices.push(notice),
  });
  const added = [];
  for (let n = 0; n < 2_000; n++) {
    const type = n % 500 === 499 ? "not a type" : "item.sent";
    added.push(await batcher.add({ type, actor: { id: `user_${n}` } }));
  }
  await batcher.close();
  const results = await Promise.allSettled(added.map(({ delivered }) => delivered));
  const rejected = results.flatMap((result, n) => (result.status === "rejected" ? [[n, result.reason.message]] : []));
  const reason = "type is not 1 to 128 letters, digits and . _ : / - that begin with a letter or digit";
  expect(rejected).toEqual([499, 999, 1_499, 1_999].map((n) => [n, `the API rejected the item: ${reason}`]));
  expect(notices.filter(({ kind }) => kind === "flushed")).toHaveLength(20);

  const actors: string[] = [];
  for (let cursor = "", isMore = true; isMore; ) {
    const page = await fetch(new URL(`/v1/events?order=desc&limit=100${cursor}`, url), { headers: { authorization } });
    const { items, next_cursor } = (await page.json()) as { items: { actor: { id: string } }[]; next_cursor: string };
    actors.push(...items.map(({ actor }) => actor.id));
    cursor = `&cursor=${next_cursor}`;
    isMore = next_cursor !== null;
  }
  const expected = results.flatMap(({ status }, n) => (status === "fulfilled" ? [`user_${n}`] : []));
  expect(actors.reverse()).toEqual(expected);
});

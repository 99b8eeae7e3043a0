import type { Worker } from "node:worker_threads";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { openStorage, type Storage } from "../../src/index.ts";
import { emptyFolder } from "../empty-folder.ts";

const COUNTING =
  "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000) select max(i) from n";
const STOPPED = { code: "HG_STORAGE_FAILED", message: expect.stringContaining("restart Headgate") };

/** A storage, and the threads that it has started: the writer, and the reader. */
async function openWithThreads(): Promise<{ storage: Storage; folder: string; writer: Worker; reader: Worker }> {
  const threads: Worker[] = [];
  const note = (thread: Worker) => threads.push(thread);
  process.on("worker", note);
  onTestFinished(() => void process.off("worker", note));
  const folder = emptyFolder();
  const storage = await openStorage({ folder });
  onTestFinished(() => storage.close());
  const [writer, reader] = threads as [Worker, Worker];
  return { storage, folder, writer, reader };
}

test("a writer that dies rejects what is under way and what comes, keeps none of it, and health says so", async () => {
  const { storage, folder, writer } = await openWithThreads();
  const add = (name: string) => storage.write([{ sql: "insert into settings values (?, '')", parameters: [name] }]);
  await add("before");
  const answers = Promise.allSettled([add("amid"), storage.write([{ sql: COUNTING, parameters: [] }])]);
  await new Promise(setImmediate);
  await writer.terminate();
  expect(storage.health).toMatchObject({ isReachable: false, reason: STOPPED.message });
  expect((await answers).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await expect(add("after")).rejects.toMatchObject(STOPPED);
  const names = storage.build.selectFrom("settings").select("name").compile();
  expect(await storage.read(names)).toEqual([{ name: "before" }]);
  await storage.close();

  const again = await openStorage({ folder });
  expect(await again.read(names)).toEqual([{ name: "before" }]);
  await again.close();
});

test("a reader that dies rejects reads, and health says so, while writes go on", async () => {
  const { storage, reader } = await openWithThreads();
  const reading = storage.read(sql.raw(COUNTING).compile(storage.build));
  const rejected = expect(reading).rejects.toMatchObject(STOPPED);
  await new Promise(setImmediate);
  await reader.terminate();
  await rejected;
  expect(storage.health).toMatchObject({ isReachable: false, reason: STOPPED.message });
  expect((await storage.write([{ sql: "delete from settings", parameters: [] }])).unmet).toBe(undefined);
  await storage.close();
});

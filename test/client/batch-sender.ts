import { Batcher, jsonList, sendJson } from "@headgate/client/batch";
import { fileSpill } from "@headgate/client/spill";
import type { NumberedItem } from "./batch-server.ts";

// Adds the items from one number to another to a batcher with a spill, twenty at a time, and delivers what it has. Says of
// each twenty when it begins, and when they are on disk.

const [url, folder, from, to] = process.argv.slice(2) as [string, string, string, string];

const batcher = new Batcher<NumberedItem>({
  send: sendJson(fetch, url),
  envelope: jsonList("events"),
  key: ({ key }) => key,
  maxAgeMs: 50,
  timeoutMs: 400,
  backoff: { firstMs: 20, capMs: 200 },
  spill: fileSpill(folder),
});
for (let n = Number(from); n <= Number(to); n += 20) {
  const numbers = Array.from({ length: 20 }, (_, index) => n + index);
  console.log(`> ${n + 19}`);
  await Promise.all(numbers.map((number) => batcher.add({ key: `key-${number % 23}`, n: number })));
  console.log(`< ${n + 19}`);
}
await batcher.close();
console.log("end");

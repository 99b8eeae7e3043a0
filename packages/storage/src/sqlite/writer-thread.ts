import { workerData } from "node:worker_threads";
import type { Outcome, Transaction } from "../transaction.ts";
import { commitBatch } from "./batch.ts";
import { openDatabase } from "./database.ts";
import { serve } from "./thread-port.ts";

// The thread that writes, so that nobody but it waits for the disk.
const { folder, file } = workerData as { readonly folder: string; readonly file: string };

await serve<readonly Transaction[]>(async () => {
  const database = await openDatabase(folder, file);
  return {
    work: (batch): readonly Outcome[] => commitBatch(database.connection, batch),
    close: () => database.close(),
  };
});

import { workerData } from "node:worker_threads";
import type { Statement } from "../storage.ts";
import { Connection, type Found } from "./connection.ts";
import { serve } from "./thread-port.ts";

// The thread that reads: what takes long there keeps no write waiting. It starts while the other one makes the file,
// and opens that when it is first asked.
const { file } = workerData as { readonly file: string };
let connection: Connection | undefined;

await serve<Statement>(() => ({
  work({ sql, parameters }): Found {
    connection ??= new Connection(file, { isReadOnly: true });
    return connection.find(sql, parameters);
  },
  close: () => connection?.close(),
}));

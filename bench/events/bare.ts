// node:http alone, in so many threads: reads a request's body and answers two bytes. What no server on Node can do without.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

if (isMainThread) {
  const threads = Number(process.argv[2]);
  let port = 0;
  for (let i = 0; i < threads; i++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: port });
    [port] = (await once(worker, "message")) as [number];
  }
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, secret: "none" }));
  process.once("SIGTERM", () => process.exit());
} else {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.end("{}"));
  });
  server.listen({ port: workerData as number, host: "127.0.0.1", reusePort: true }, () => {
    parentPort?.postMessage((server.address() as AddressInfo).port);
  });
}

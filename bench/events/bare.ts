// node:http alone: reads a request's body and answers two bytes. What no server on Node can do without.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((request, response) => {
  request.resume().on("end", () => response.end("{}"));
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret: "none" }));
});
process.once("SIGTERM", () => process.exit());

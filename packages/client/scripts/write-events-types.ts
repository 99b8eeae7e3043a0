// Writes src/events/events-api.ts, the types of the events API: node packages/client/scripts/write-events-types.ts
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventsTypes, type OpenApi } from "./events-types.ts";

const headgate = fileURLToPath(new URL("../../headgate/src/main.ts", import.meta.url));
const data = await mkdtemp(join(tmpdir(), "headgate-"));
const args = ["serve", "--port", "0", "--admin-port", "0", "--data", data, "--workers", "1", "--json"];
const server = spawn(process.execPath, [headgate, ...args], { stdio: ["ignore", "pipe", "inherit"] });
try {
  const [line] = await once(createInterface(server.stdout), "line");
  const { gateway } = JSON.parse(line) as { readonly gateway: string };
  const document = await (await fetch(`${gateway}/openapi.json`)).json();
  await writeFile(new URL("../src/events/events-api.ts", import.meta.url), eventsTypes(document as OpenApi));
} finally {
  server.kill();
  await once(server, "exit");
  await rm(data, { recursive: true });
}

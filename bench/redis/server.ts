import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A Redis of the bench's own, that keeps nothing on disk. */
export interface BenchRedis {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts it on a free port. Ends the process with a line that says so where there is none to start. */
export async function startRedis(): Promise<BenchRedis> {
  if (spawnSync("which", ["redis-server"]).status !== 0) {
    console.error("This bench needs redis-server: apt-get install redis-server");
    process.exit(1);
  }
  const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface(server.stdout)) if (line.includes("Ready to accept")) break;
  server.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async close() {
      server.kill("SIGKILL");
      await once(server, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

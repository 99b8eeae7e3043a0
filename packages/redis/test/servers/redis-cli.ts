import { execFileSync } from "node:child_process";

/** Asks a server on the loopback as an operator would; the answer as `redis-cli` prints it. */
export function redisCli(port: number, args: readonly string[]): string {
  const options = ["-h", "127.0.0.1", "-p", String(port)];
  return execFileSync("redis-cli", [...options, ...args], { encoding: "utf8", timeout: 30_000 }).trim();
}

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { serve, startUpstream } from "./harness.ts";

const SOCKETS = 1_000;
const REQUESTS_A_SOCKET = 10;

test("two workers admit of 10 000 requests at once exactly the quota of 100", async () => {
  const upstream = await startUpstream();
  const policy = join(await temporaryFolder(), "policy.yaml");
  await writeFile(policy, "headgate: 1\nlimits: [{ name: all, per: [], quota: 100, window: 1h }]\n");
  const { url } = await serve(policy, upstream.url, { workers: 2 });
  const answers = await Promise.all(Array.from({ length: SOCKETS }, () => askAtOnce(url, REQUESTS_A_SOCKET)));
  const statuses = answers.flat();
  expect(statuses.filter((status) => status === 200)).toHaveLength(100);
  expect(statuses.filter((status) => status === 429)).toHaveLength(SOCKETS * REQUESTS_A_SOCKET - 100);
  expect(upstream.received).toHaveLength(100);
});

/** The statuses of so many requests that are sent on one connection without waiting for an answer. */
async function askAtOnce(url: string, count: number): Promise<number[]> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port) }).setEncoding("latin1");
  const last = "GET / HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n";
  socket.write("GET / HTTP/1.1\r\nHost: gate\r\n\r\n".repeat(count - 1) + last);
  let text = "";
  socket.on("data", (part: string) => {
    text += part;
  });
  await once(socket, "close");
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

// The events API behind its gate, as `headgate serve` runs it, with one key and a limit that nobody reaches: in so many
// workers, and on the database of that URL or else on SQLite. Says on standard output where it listens and what the key is.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPolicy } from "@headgate/policy";
import { startServing } from "headgate";

const [workers, databaseUrl] = process.argv.slice(2);
const file = "bench.yaml";
const text = `
headgate: 1
upstream: builtin:events
credentials: managed
callers: { api-key: { bearer: true } }
responses: { headers: { style: x-ratelimit } }
limits:
  - { name: key, per: [api-key], quota: 1000000000, window: 1m }
`;
const { policy, problems } = loadPolicy(text, { file });
if (!policy) throw new Error(JSON.stringify(problems));

const folder = await mkdtemp(join(tmpdir(), "headgate-bench-"));
const serving = await startServing({
  file,
  text,
  policy,
  workers: Number(workers),
  port: 0,
  host: "127.0.0.1",
  adminPort: 0,
  clock: Date.now,
  upstream: undefined,
  data: { folder, databaseUrl },
  log: { info() {}, warn: console.warn, error: console.error },
});
const { control } = serving;
const { id: accountId } = await control.accounts.create({ name: "bench" }, "bench");
const { secret } = await control.keys.create({ accountId, prefix: "hg_sk_" }, "bench");
console.log(JSON.stringify({ url: serving.gatewayUrl, accountId, secret }));
process.once("SIGTERM", async () => {
  await serving.drain(5_000);
  await rm(folder, { recursive: true });
  process.exit();
});

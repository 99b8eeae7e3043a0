import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startPostgres } from "@headgate/storage/testing";
import { type Load, requestsPerSecond } from "./events/load.ts";
import { summarize } from "./measure.ts";

/**
 * The events API over HTTP, through the gate, as `headgate serve` runs it, with as many workers as there are cores, and on
 * SQLite with one as well: durable singles, durable batches of 100, and answers of 304, on SQLite and, where it is found,
 * on PostgreSQL; and a bare node:http server in as many threads, which says what the machine is worth while this runs.
 * Rounds are interleaved. The load runs on the same cores.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 4);

if (spawnSync("which", ["wrk"]).status !== 0) {
  console.error("This bench needs wrk: apt-get install wrk");
  process.exit(1);
}

const EVENT = JSON.stringify({
  type: "user.login",
  actor: { id: "user_123" },
  target: { id: "doc_9", type: "document" },
  metadata: { ip: "203.0.113.9", browser: "Mozilla/5.0 (X11; Linux x86_64)" },
});
const BATCH = `{"events":[${Array.from({ length: 100 }, () => EVENT).join(",")}]}`;

interface Served {
  readonly name: string;
  readonly process: ChildProcess;
  readonly url: string;
  readonly secret: string;
  readonly works: readonly Work[];
}

/** One kind of work: how many of what a request does. */
interface Work {
  readonly name: string;
  readonly each: number;
  load(served: Served): Promise<Omit<Load, "seconds">>;
}

const WORKS: readonly Work[] = [
  {
    name: "durable singles, 256 connections: events/s",
    each: 1,
    load: async (served) => ({ ...post(served, "/v1/events", EVENT), connections: 256 }),
  },
  {
    name: "durable batches of 100, 32 connections: events/s",
    each: 100,
    load: async (served) => ({ ...post(served, "/v1/events/batch", BATCH), connections: 32 }),
  },
  {
    name: "304 for a page of 100, 64 connections: answers/s",
    each: 1,
    load: async (served) => {
      const url = `${served.url}/v1/events?limit=100`;
      const headers = { ...authorized(served), "If-None-Match": await settledTag(url, served) };
      return { url, headers, connections: 64 };
    },
  },
];

const BARE: readonly Work[] = [
  {
    name: "a POST of one event, 256 connections: answers/s",
    each: 1,
    load: async (served) => ({ ...post(served, "/", EVENT), connections: 256 }),
  },
  {
    name: "a GET, 64 connections: answers/s",
    each: 1,
    load: async (served) => ({ url: served.url, headers: authorized(served), connections: 64 }),
  },
];

const cores = availableParallelism();
const postgres = await startPostgres();
const candidates = [
  await start(`node:http alone, threads: ${cores}`, "bare", [cores], BARE),
  await start("SQLite, workers: 1", "serve", [1], WORKS),
];
if (cores > 1) candidates.push(await start(`SQLite, workers: ${cores}`, "serve", [cores], WORKS));
if (postgres) {
  const database = await postgres.createDatabase();
  candidates.push(await start(`PostgreSQL, workers: ${cores}`, "serve", [cores, database], WORKS));
}

try {
  const samples = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const served of candidates) {
      for (const work of served.works) {
        const perSecond = work.each * (await requestsPerSecond({ ...(await work.load(served)), seconds: SECONDS }));
        const name = `${served.name}, ${work.name}`;
        if (round > 0) samples.set(name, [...(samples.get(name) ?? []), perSecond]);
      }
    }
  }
  console.log(`median of ${ROUNDS} rounds of ${SECONDS} s, lowest and highest beside it`);
  console.table(
    Object.fromEntries(
      [...samples].map(([name, values]) => {
        const { median, low, high } = summarize(name, values);
        return [name, { median: Math.round(median), low: Math.round(low), high: Math.round(high) }];
      }),
    ),
  );
} finally {
  for (const { process: child } of candidates) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
  await postgres?.stop();
}

async function start(
  name: string,
  file: "bare" | "serve",
  args: readonly (string | number)[],
  works: readonly Work[],
): Promise<Served> {
  const script = fileURLToPath(new URL(`events/${file}.ts`, import.meta.url));
  const child = spawn(process.execPath, [script, ...args.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  return { name, works, process: child, ...(JSON.parse(line as string) as { url: string; secret: string }) };
}

/** The page's ETag, once the writes of the load before have all ended. */
async function settledTag(url: string, served: Served): Promise<string> {
  let tag = "";
  for (;;) {
    const response = await fetch(url, { headers: { ...authorized(served), "If-None-Match": tag } });
    await response.arrayBuffer();
    if (response.status === 304) return tag;
    tag = response.headers.get("etag") ?? "";
    await delay(300);
  }
}

function post(served: Served, path: string, body: string): Pick<Load, "url" | "headers" | "body"> {
  return { url: served.url + path, headers: authorized(served), body };
}

function authorized({ secret }: Served): { readonly Authorization: string } {
  return { Authorization: `Bearer ${secret}` };
}

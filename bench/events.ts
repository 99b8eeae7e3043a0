import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startPostgres } from "@headgate/storage/testing";
import { type Load, requestsPerSecond } from "./events/load.ts";
import { summarize } from "./measure.ts";

/**
 * The events API over HTTP, through the gate, as `headgate serve` runs it: durable singles, durable batches of 100, and
 * answers of 304, on SQLite and, where it is found, on PostgreSQL. Rounds are interleaved. The load runs on the same cores.
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
      const response = await fetch(url, { headers: authorized(served) });
      await response.arrayBuffer();
      const headers = { ...authorized(served), "If-None-Match": response.headers.get("etag") ?? "" };
      return { url, headers, connections: 64 };
    },
  },
];

const postgres = await startPostgres();
const candidates = [await start("SQLite", [])];
if (postgres) candidates.push(await start("PostgreSQL", [await postgres.createDatabase()]));

try {
  const samples = new Map<string, number[]>();
  for (let round = 0; round <= ROUNDS; round++) {
    for (const served of candidates) {
      for (const work of WORKS) {
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

async function start(name: string, args: readonly string[]): Promise<Served> {
  const script = fileURLToPath(new URL("events/serve.ts", import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  return { name, process: child, ...(JSON.parse(line as string) as { url: string; secret: string }) };
}

function post(served: Served, path: string, body: string): Pick<Load, "url" | "headers" | "body"> {
  return { url: served.url + path, headers: authorized(served), body };
}

function authorized({ secret }: Served): { readonly Authorization: string } {
  return { Authorization: `Bearer ${secret}` };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openControl } from "@headgate/control";
import { type EventsAnswer, openEventsApi, UNAUTHENTICATED } from "@headgate/events";
import { DEFAULT_EVENTS_POLICY } from "@headgate/policy";
import { openStorage } from "@headgate/storage";

/**
 * What exporting a million events (`EVENTS=10000000` for more) into a file takes, in either format, and taking the file
 * then: seconds, and by how much the process grows at most meanwhile. SQLite, through the API, without HTTP.
 */
const EVENTS = Number(process.env.EVENTS ?? 1_000_000);
const MB = 1024 * 1024;
const WATCH_MS = 20;

interface ExportJson {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly events: number; readonly bytes: number };
  readonly download_url: string;
}

const folder = await mkdtemp(join(tmpdir(), "headgate-bench-"));
const storage = await openStorage({ folder });
const log = { info() {}, warn: console.warn, error: console.error };
const control = await openControl({ storage, clock: Date.now, log });
const policy = { ...DEFAULT_EVENTS_POLICY, maxBatch: 1_000 };
const api = await openEventsApi({ control, clock: Date.now, log, policy: () => policy, folder });
const { id: accountId } = await control.accounts.create({ name: "bench" }, "bench");
const { secret } = await control.keys.create({ accountId, prefix: "hg_sk_" }, "bench");
const identity = control.directory.identify(secret, Date.now());

for (let sent = 0; sent < EVENTS; sent += 10_000) {
  await Promise.all(Array.from({ length: 10 }, (_, i) => addThousand(sent + i * 1_000)));
}

const rows: Record<string, object> = {};
for (const format of ["ndjson", "csv"]) {
  let made: ExportJson | undefined;
  rows[`${format}: made`] = await watched(async () => {
    const { id } = await json<ExportJson>("POST", "/v1/exports", { format });
    do {
      await sleep(WATCH_MS);
      made = await json<ExportJson>("GET", `/v1/exports/${id}`);
    } while (made.state === "queued" || made.state === "running");
    if (made.progress.events !== EVENTS) throw new Error(`${made.state} with ${made.progress.events} events`);
    return made.progress.bytes;
  });
  rows[`${format}: taken`] = await watched(async () => {
    const { body } = await ask("GET", made?.download_url ?? "");
    let bytes = 0;
    for await (const part of body as AsyncIterable<Uint8Array>) bytes += part.length;
    return bytes;
  });
}
console.log(`a file of ${EVENTS} events`);
console.table(rows);

await api.close();
await control.close();
await storage.close();
await rm(folder, { recursive: true });

/** Does something with bytes, and watches how large the process gets. */
async function watched(run: () => Promise<number>): Promise<object> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, WATCH_MS);
  const start = performance.now();
  const bytes = await run();
  const seconds = (performance.now() - start) / 1_000;
  clearInterval(watch);
  return {
    seconds: Number(seconds.toFixed(1)),
    "events/s": Math.round(EVENTS / seconds),
    MB: Math.round(bytes / MB),
    "growth MB": Math.round((most - before) / MB),
  };
}

async function addThousand(from: number): Promise<void> {
  const events = Array.from({ length: 1_000 }, (_, i) => ({
    type: (from + i) % 10 === 0 ? "user.login" : "document.view",
    actor: { id: `user_${((from + i) * 7919) % 1_000}`, name: "Ada Lovelace" },
    target: { id: `doc_${((from + i) * 104_729) % 50_000}` },
    metadata: { ip: "203.0.113.9", browser: "Mozilla/5.0 (X11; Linux x86_64)" },
  }));
  await ask("POST", "/v1/events/batch", { events });
}

async function json<Body>(method: string, path: string, body?: object): Promise<Body> {
  return JSON.parse(String((await ask(method, path, body)).body)) as Body;
}

async function ask(method: string, url: string, body?: object): Promise<EventsAnswer> {
  const [path = "", query = ""] = url.split("?");
  const answer = await api.answer({
    method,
    path,
    query,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
    identity,
  });
  if (answer === UNAUTHENTICATED || answer.status >= 300)
    throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

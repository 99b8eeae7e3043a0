import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openControl } from "@headgate/control";
import { openEventsApi, UNAUTHENTICATED } from "@headgate/events";
import { DEFAULT_EVENTS_POLICY } from "@headgate/policy";
import { openStorage } from "@headgate/storage";

/**
 * How long a page of 100 events takes out of ten million (`EVENTS=1000000` for fewer), one request after the other: the
 * newest, from a random place on by cursor, and filtered. SQLite, through the API, without HTTP.
 */
const EVENTS = Number(process.env.EVENTS ?? 10_000_000);
const PAGES = 2_000;

const folder = await mkdtemp(join(tmpdir(), "headgate-bench-"));
const storage = await openStorage({ folder });
const control = await openControl({ storage, clock: Date.now, log: console });
const policy = { ...DEFAULT_EVENTS_POLICY, maxBatch: 1_000 };
const api = await openEventsApi({ control, clock: Date.now, log: console, policy: () => policy, folder });
const { id: accountId } = await control.accounts.create({ name: "bench" }, "bench");
const { secret } = await control.keys.create({ accountId, prefix: "hg_sk_" }, "bench");
const identity = control.directory.identify(secret, Date.now());

const headers = { "content-type": "application/json" };
const start = performance.now();
for (let sent = 0; sent < EVENTS; sent += 10_000) {
  await Promise.all(Array.from({ length: 10 }, (_, i) => addThousand(sent + i * 1_000)));
}
const seconds = (performance.now() - start) / 1000;
console.log(`${EVENTS} events in ${seconds.toFixed(0)} s, ${Math.round(EVENTS / seconds)} a second`);

const cursors = await randomCursors();
const questions: Readonly<Record<string, () => string>> = {
  newest: () => "limit=100",
  "by cursor": () => `limit=100&order=asc&cursor=${cursors[Math.floor(Math.random() * cursors.length)]}`,
  "by type (one in ten)": () => "limit=100&type=user.*",
  "by actor (one in a thousand)": () => `limit=100&actor=user_${Math.floor(Math.random() * 1_000)}`,
};
const rows: Record<string, object> = {};
for (const [name, query] of Object.entries(questions)) {
  const times: number[] = [];
  for (let i = 0; i < PAGES; i++) {
    const begun = performance.now();
    const page = await get(query());
    times.push(performance.now() - begun);
    if (page.items.length !== 100) throw new Error(`${name}: ${page.items.length} events`);
    if (name.startsWith("by actor") && i === 200) break;
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(2);
  rows[name] = { "p50 ms": at(0.5), "p99 ms": at(0.99), "longest ms": at(1 - 1 / times.length) };
}
console.table(rows);

await api.close();
await control.close();
await storage.close();
await rm(folder, { recursive: true });

async function addThousand(from: number): Promise<void> {
  const events = Array.from({ length: 1_000 }, (_, i) => ({
    type: (from + i) % 10 === 0 ? "user.login" : "document.view",
    actor: { id: `user_${((from + i) * 7919) % 1_000}` },
    target: { id: `doc_${((from + i) * 104_729) % 50_000}` },
    metadata: { ip: "203.0.113.9", browser: "Mozilla/5.0 (X11; Linux x86_64)" },
  }));
  const body = Buffer.from(JSON.stringify({ events }));
  const answer = await api.answer({ method: "POST", path: "/v1/events/batch", query: "", headers, body, identity });
  if (answer === UNAUTHENTICATED || answer.status !== 200) throw new Error(JSON.stringify(answer));
}

async function get(query: string): Promise<{ items: unknown[]; next_cursor: string }> {
  const body = Buffer.alloc(0);
  const answer = await api.answer({ method: "GET", path: "/v1/events", query, headers: {}, body, identity });
  if (answer === UNAUTHENTICATED) throw new Error("the key is not known");
  return JSON.parse(String(answer.body));
}

/** Places all over the list: a cursor is only had from the page before it. */
async function randomCursors(): Promise<string[]> {
  const found: string[] = [];
  let { next_cursor: cursor } = await get("limit=1&order=asc");
  for (let i = 0; i < 200; i++) {
    found.push(cursor);
    for (let page = 0; page < 5; page++) cursor = (await get(`limit=100&order=asc&cursor=${cursor}`)).next_cursor;
  }
  return found;
}

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { obey } from "@headgate/client";
import axios from "axios";
import axiosRetry from "axios-retry";
import got from "got";
import ky from "ky";
import { Agent, RetryAgent, fetch as undiciFetch } from "undici";
import { type Candidate, interleave } from "./measure.ts";

/** What obeying adds to a call that is not limited: in process, where nothing else takes time; then over sockets, beside peers. */
const ROUNDS = 2_000;
const CALLS = 200;
/** Over sockets: the rounds are short, for the same reason. */
const SOCKET_ROUNDS = 41;
const SOCKET_CALLS = 50;
const URL = "https://api.example.com/v1/things";
const INIT = { headers: { authorization: "Bearer ex_sk_0123456789abcdef" } };
const EPOCH = String(Math.ceil(Date.now() / 1000) + 3_600);
const TRIO = { "x-ratelimit-limit": "1000000000", "x-ratelimit-remaining": "999999999" };
const IETF = { "ratelimit-policy": '"default";q=1000000000;w=3600', ratelimit: '"default";r=999999999;t=3600' };
const ANSWERS = {
  "of no limit": {},
  "X-RateLimit, reset in seconds": { ...TRIO, "x-ratelimit-reset": "3600" },
  "X-RateLimit, reset as an epoch": { ...TRIO, "x-ratelimit-reset": EPOCH },
  "RateLimit, draft 11": IETF,
};

type Call = (url: string, init: RequestInit) => Promise<Response>;

/** The least of many short rounds: whatever else the machine does takes part in some of them, not in all. */
async function leastNs(call: Call, rounds: number = ROUNDS): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) await call(URL, INIT);
    least = Math.min(least, Number(process.hrtime.bigint() - start) / CALLS);
  }
  return least;
}

async function bytesOf(call: Call): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < CALLS; i++) await call(URL, INIT);
  return (process.memoryUsage().heapUsed - before) / CALLS;
}

const added: Record<string, object> = {};
for (const [name, headers] of Object.entries(ANSWERS)) {
  const response = new Response("{}", { headers: { ...headers, date: new Date().toUTCString() } });
  const plain: Call = async () => response;
  const obeyed = obey(plain as typeof fetch);
  const asKy = ky.create({ fetch: plain as typeof fetch });
  const [least, leastObeyed, leastKy] = [await leastNs(plain), await leastNs(obeyed), await leastNs(asKy, 100)];
  added[name] = {
    "plain, ns": Math.round(least),
    "obeyed, ns": Math.round(leastObeyed),
    "added, us": ((leastObeyed - least) / 1000).toFixed(2),
    "by ky, us": ((leastKy - least) / 1000).toFixed(2),
    "added, bytes": Math.round((await bytesOf(obeyed)) - (await bytesOf(plain))),
  };
}
console.log(`\nAdded to a call whose answer speaks … : least of ${ROUNDS} rounds of ${CALLS}`);
console.table(added);

const server = createServer((_, response) => response.writeHead(200, TRIO).end("{}"));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

function candidate(name: string, call: () => Promise<unknown>): Candidate {
  return {
    name,
    async run(count) {
      let length = 0;
      for (let i = 0; i < count; i++) length += String(await call()).length;
      return length;
    },
  };
}

const textOf = async (answer: Promise<{ text(): Promise<string> }>) => (await answer).text();
const api = obey(fetch);
const patient = axios.create({ responseType: "text" });
axiosRetry(patient);
const dispatcher = new RetryAgent(new Agent());
const measurements = await interleave(
  [
    candidate("fetch", () => textOf(fetch(url, INIT))),
    candidate("headgate", () => textOf(api(url, INIT))),
    candidate("ky", () => ky(url, INIT).text()),
    candidate("got", () => got(url, INIT).text()),
    candidate("axios-retry", async () => (await patient.get(url, INIT)).data),
    candidate("undici fetch", () => textOf(undiciFetch(url, INIT))),
    candidate("undici fetch, RetryAgent", () => textOf(undiciFetch(url, { ...INIT, dispatcher }))),
  ],
  SOCKET_CALLS,
  SOCKET_ROUNDS,
);
console.log(`\nA call over loopback, one after the other: us, median of ${SOCKET_ROUNDS} rounds of ${SOCKET_CALLS}`);
console.table(
  Object.fromEntries(
    measurements.map(({ name, median, low, high }) => [
      name,
      { median: Math.round(median / 1000), low: Math.round(low / 1000), high: Math.round(high / 1000) },
    ]),
  ),
);
process.exit(0);

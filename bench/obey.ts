import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { obey } from "@headgate/client";
import axios from "axios";
import axiosRetry from "axios-retry";
import got from "got";
import ky from "ky";
import { Agent, RetryAgent, fetch as undiciFetch } from "undici";
import { type Candidate, interleave, summarize } from "./measure.ts";

/** What obeying adds to a call that is not limited: in process, where nothing else takes time; then over sockets, beside peers. */
const ROUNDS = 2_000;
const CALLS = 200;
/** Of bytes, the median: a round in which garbage is collected says nothing. */
const BYTE_ROUNDS = 41;
const BYTE_CALLS = 1_000;
/** Over sockets: the rounds are short, for the same reason. */
const SOCKET_ROUNDS = 41;
const SOCKET_CALLS = 50;
/** Answers that are given in turn, each with one less remaining, so that nobody gets by with the last one's. */
const ANSWERS = 64;
const URL = "https://api.example.com/v1/things";
const INIT = { headers: { authorization: "Bearer ex_sk_0123456789abcdef" } };
const EPOCH = String(Math.ceil(Date.now() / 1000) + 3_600);

/** How an API tells of limits, and which headers have to be looked at to learn that. */
interface Telling {
  readonly headers: (remaining: number) => Record<string, string>;
  readonly names: readonly string[];
}

const TRIO = ["ratelimit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit"];

function trio(remaining: number, reset?: string): Record<string, string> {
  const told = { "x-ratelimit-limit": "1000000000", "x-ratelimit-remaining": String(remaining) };
  return { ...told, ...(reset && { "x-ratelimit-reset": reset }) };
}

const TELLINGS: Record<string, Telling> = {
  "of no limit": {
    headers: () => ({}),
    names: ["ratelimit", "x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"],
  },
  "X-RateLimit, reset in seconds": { headers: (remaining) => trio(remaining, "3600"), names: TRIO },
  "X-RateLimit, reset as an epoch": { headers: (remaining) => trio(remaining, EPOCH), names: [...TRIO, "date"] },
  "RateLimit, draft 11": {
    headers: (remaining) => ({
      "ratelimit-policy": '"default";q=1000000000;w=3600',
      ratelimit: `"default";r=${remaining};t=3600`,
    }),
    names: ["ratelimit", "ratelimit-policy"],
  },
  "RateLimit, draft 11, two limits": {
    headers: (remaining) => ({
      "ratelimit-policy": '"day";q=1000000000;w=86400, "burst";q=1000000000;w=60',
      ratelimit: `"day";r=${remaining};t=86400, "burst";r=${remaining - 1};t=60`,
    }),
    names: ["ratelimit", "ratelimit-policy"],
  },
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

/** What any wrapper does that looks at answers: it allocates a promise, and what is to be done when that settles. */
const asItIs = (answer: Response): Response => answer;
const asItFailed = (error: unknown): never => {
  throw error;
};

/**
 * What a call leaves to be collected. Nothing is collected on purpose before a round: a whole collection takes the shapes of
 * objects that none are left of, and with them the machine code for those, and slow code allocates more.
 */
async function bytesOf(call: Call): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < BYTE_ROUNDS; round++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < BYTE_CALLS; i++) await call(URL, INIT);
    rounds.push((process.memoryUsage().heapUsed - before) / BYTE_CALLS);
  }
  return summarize("bytes", rounds).median;
}

const time: Record<string, object> = {};
const bytes: Record<string, object> = {};
for (const [name, { headers, names }] of Object.entries(TELLINGS)) {
  const date = new Date().toUTCString();
  const answers = Array.from(
    { length: ANSWERS },
    (_, i) => new Response("{}", { headers: { ...headers(999_999_999 - i), date } }),
  );
  let calls = 0;
  const next = () => answers[calls++ % ANSWERS] as Response;
  const plain: Call = async () => next();
  const read: Call = async () => {
    const answer = next();
    let told = 0;
    for (const name of names) if (answer.headers.get(name) !== null) told++;
    return told >= 0 ? answer : Response.error();
  };
  const wrapped: Call = (url, init) => read(url, init).then(asItIs, asItFailed);
  const obeyed = obey(plain as typeof fetch);
  const asKy = ky.create({ fetch: plain as typeof fetch });
  const [least, leastRead, leastObeyed] = [await leastNs(plain), await leastNs(read), await leastNs(obeyed)];
  const leastKy = await leastNs(asKy, 100);
  time[name] = {
    "plain, ns": Math.round(least),
    "reading headers, ns": Math.round(leastRead - least),
    "obeying, ns": Math.round(leastObeyed - leastRead),
    "added, us": ((leastObeyed - least) / 1000).toFixed(2),
    "by ky, us": ((leastKy - least) / 1000).toFixed(2),
  };
  const [plainBytes, readBytes, wrappedBytes] = [await bytesOf(plain), await bytesOf(read), await bytesOf(wrapped)];
  const [obeyedBytes, kyBytes] = [await bytesOf(obeyed), await bytesOf(asKy)];
  bytes[name] = {
    plain: Math.round(plainBytes),
    "reading headers": Math.round(readBytes - plainBytes),
    "any wrapper": Math.round(wrappedBytes - readBytes),
    obeying: Math.round(obeyedBytes - wrappedBytes),
    added: Math.round(obeyedBytes - plainBytes),
    "by ky": Math.round(kyBytes - plainBytes),
  };
}
console.log(`\nAdded to a call whose answer speaks … : least of ${ROUNDS} rounds of ${CALLS}`);
console.table(time);
console.log(`\nBytes it allocates: median of ${BYTE_ROUNDS} rounds of ${BYTE_CALLS}`);
console.table(bytes);

const server = createServer((_, response) => response.writeHead(200, trio(999_999_999)).end("{}"));
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

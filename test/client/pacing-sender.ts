import { obey } from "@headgate/client";
import { shareOverRedis } from "@headgate/client/redis";
import { createClient } from "redis";

/** What came of the calls of one process, and between which times, epoch ms, it made them. */
export interface Sent {
  readonly sent: number;
  readonly refused: number;
  readonly succeeded: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

// Makes so many calls from so many tasks, at the pace given, sharing its gate with others over Redis if that is given.
// Prints what came of it as JSON. pacing-sender.ts URL KEY PACE CALLS TASKS [REDIS_URL]

const [url = "", key = "", pace = "smooth", calls = "0", tasks = "1", redisUrl] = process.argv.slice(2);
const redis = redisUrl ? await createClient({ url: redisUrl }).connect() : undefined;

let sent = 0;
let refused = 0;
const counting: typeof fetch = async (input, init) => {
  sent++;
  const response = await fetch(input, init);
  if (response.status === 429) refused++;
  return response;
};
const api = obey(counting, { pace: pace as "smooth" | "burst", ...(redis && { share: shareOverRedis(redis) }) });

const startedAt = Date.now();
let left = Number(calls);
let succeeded = 0;
const task = async (): Promise<void> => {
  while (left-- > 0) {
    const response = await api(url, { headers: { "x-is-accesskey": key } });
    await response.arrayBuffer();
    if (response.status === 200) succeeded++;
  }
};
await Promise.all(Array.from({ length: Number(tasks) }, task));
const endedAt = Date.now();
api.close();
redis?.destroy();
console.log(JSON.stringify({ sent, refused, succeeded, startedAt, endedAt } satisfies Sent));

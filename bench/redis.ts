import { createClient } from "redis";
import { callerKeys } from "./keys.ts";
import { summarize } from "./measure.ts";
import { leased, QUOTA, type RedisCandidate, redisCandidates } from "./redis/candidates.ts";
import { startRedis } from "./redis/server.ts";

/**
 * Decisions a second with counters in Redis, the candidates in turn, each on one connection with so many requests in
 * flight, among ten thousand callers. Redis's own CPU and the commands that it was sent are Redis's word.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const DECISIONS = Number(process.env.DECISIONS ?? 40_000);
const callers = callerKeys(10_000);
/** Those that leases are for: who comes once in a while has to be asked about each time. */
const busy = callers.slice(0, 100);

const redis = await startRedis();
const watch = createClient({ url: redis.url });
await watch.connect();
const candidates = await redisCandidates(redis.url);
try {
  for (const inFlight of [64, 256]) await compare(inFlight);
  await alone();
  for (const callers of [busy.slice(0, 1), busy]) await leases(callers);
  await flood();
} finally {
  for (const candidate of candidates) await candidate.close();
  watch.destroy();
  await redis.close();
}

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly commands: number;
}

async function compare(inFlight: number): Promise<void> {
  const samples = new Map<string, Sample[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const candidate of candidates) {
      const sample = await measure(candidate, DECISIONS, inFlight);
      if (round > 0) samples.get(candidate.name)?.push(sample);
    }
  }
  console.log(`\n${inFlight} in flight, median of ${ROUNDS} rounds of ${DECISIONS} decisions`);
  console.table(
    [...samples].map(([name, all]) => {
      const { median, low, high } = summarize(
        name,
        all.map(({ perSecond }) => perSecond),
      );
      const cpu = summarize(
        name,
        all.map(({ cpuUs }) => cpuUs),
      ).median;
      const commands = summarize(
        name,
        all.map((sample) => sample.commands),
      ).median;
      return {
        name,
        "decisions/s": Math.round(median),
        low: Math.round(low),
        high: Math.round(high),
        "Redis CPU us": cpu.toFixed(1),
        "commands a decision": commands.toFixed(3),
      };
    }),
  );
  for (const suffix of ["", ", 3 limits"]) {
    const own = samples.get(`headgate exact${suffix}`) ?? [];
    for (const [name, all] of samples) {
      if (name.startsWith("headgate") || name.endsWith(", 3 limits") !== (suffix !== "")) continue;
      const ratios = own.map(({ perSecond }, i) => perSecond / (all[i]?.perSecond ?? Number.NaN));
      const { median, low, high } = summarize(name, ratios);
      const range = `${low.toFixed(2)} to ${high.toFixed(2)}`;
      console.log(`headgate exact${suffix} / ${name}, round by round: ${median.toFixed(2)} (${range})`);
    }
  }
}

/** A request that has its tick to itself. */
async function alone(): Promise<void> {
  const { commands } = await measure(candidates[0] as RedisCandidate, DECISIONS / 10, 1);
  console.log(`\nheadgate exact, 1 in flight: ${commands.toFixed(3)} commands a decision`);
}

/** Leases are decided without waiting: as fast as one thread can ask, beside exact mode with 256 in flight. */
async function leases(callers: readonly string[]): Promise<void> {
  const store = await leased(redis.url, QUOTA);
  const exact = candidates[0] as RedisCandidate;
  const rates: number[] = [];
  const ratios: number[] = [];
  const calls: number[] = [];
  const count = DECISIONS * 20;
  for (let round = 0; round <= ROUNDS; round++) {
    const { perSecond } = await measure(exact, DECISIONS, 256);
    const before = store.commands();
    const rate = await measureLeased(store, callers, count);
    if (round === 0) continue;
    rates.push(rate);
    ratios.push(rate / perSecond);
    calls.push((store.commands() - before) / count);
  }
  await store.close();
  const range = (values: readonly number[], digits: number): string => {
    const { median, low, high } = summarize("leased", values);
    return `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
  };
  const who = callers.length === 1 ? "one busy caller" : `${callers.length} busy callers`;
  console.log(`\nheadgate leased, one thread, ${who}, ${count} decisions: ${range(rates, 0)} a second`);
  console.log(`  times exact, which has 10 000 callers: ${range(ratios, 1)}`);
  console.log(`  Redis commands a decision: ${range(calls, 5)}`);
}

/** Busy callers that have used what they may, and ask on and on. */
async function flood(): Promise<void> {
  const quota = 10;
  const store = await leased(redis.url, quota);
  for (let i = 0; i <= quota; i++) for (const caller of busy) await store.decide(caller);
  const before = store.commands();
  const count = DECISIONS * 50;
  const rate = await measureLeased(store, busy, count);
  const commands = store.commands() - before;
  await store.close();
  console.log(
    `\nheadgate leased, ${count} requests that are denied, ${Math.round(rate)}/s: ${commands} commands, ${(commands / count).toFixed(6)} a request`,
  );
}

async function measure(candidate: RedisCandidate, count: number, inFlight: number): Promise<Sample> {
  const before = await redisNumbers();
  const start = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (next < count) await candidate.decide(callers[next++ % callers.length] as string);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const after = await redisNumbers();
  return {
    perSecond: count / seconds,
    cpuUs: ((after.cpuSeconds - before.cpuSeconds) * 1_000_000) / count,
    commands: (after.calls - before.calls) / count,
  };
}

/** Decides in batches with at most 256 waiting, and lets the event loop turn in between, as a server's would. */
async function measureLeased(candidate: RedisCandidate, callers: readonly string[], count: number): Promise<number> {
  const start = performance.now();
  let waiting: unknown[] = [];
  for (let next = 0; next < count; ) {
    const end = Math.min(count, next + 2_000);
    for (; next < end && waiting.length < 256; next++) {
      const decided = candidate.decide(callers[next % callers.length] as string);
      if (decided instanceof Promise) waiting.push(decided);
    }
    if (waiting.length === 256) {
      await Promise.all(waiting);
      waiting = [];
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(waiting);
  return count / ((performance.now() - start) / 1000);
}

/** The server's CPU so far, and how many commands clients have sent it: those of scripts are not among them. */
async function redisNumbers(): Promise<{ cpuSeconds: number; calls: number }> {
  const cpu = await watch.info("cpu");
  const stats = await watch.info("commandstats");
  const number = (text: string, name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(text)?.[1] ?? 0);
  const sent = [...stats.matchAll(/cmdstat_(eval|evalsha|multi|exec|fcall):calls=(\d+)/g)];
  return {
    cpuSeconds: number(cpu, "used_cpu_user") + number(cpu, "used_cpu_sys"),
    calls: sent.reduce((sum, [, , calls]) => sum + Number(calls), 0),
  };
}

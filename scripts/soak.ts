// Lets processes share quotas in one Redis, in both modes, while they and it are killed, halted and started again, and
// ends with 1 as soon as more is admitted in a window than its quota: `MINUTES=10 SEED=1 npm run soak`.
import { setTimeout as pause } from "node:timers/promises";
import { startRedis } from "../packages/redis/test/servers/redis-server.ts";
import { Admissions } from "../test/systems/redis-callers/admissions.ts";
import { CallerProcess } from "../test/systems/redis-callers/caller-process.ts";

const MINUTES = Number(process.env.MINUTES ?? 10);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const PROCESSES = 4;
const QUOTA = 500;
const WINDOW_MS = 2_000;
const BUDGET_MS = 50;
/** Of each process: together some six times the quota. */
const LOAD = { requests: Number.MAX_SAFE_INTEGER, lanes: 4, everyMs: 10 };
/** How long there is peace between two misfortunes, and how long one lasts, at most. */
const PEACE_MS = 3_000;
const MISFORTUNE_MS = 3_000;
const RETRY_MS = 1_000;
const CHECK_EVERY_MS = 200;
const REPORT_EVERY_MS = 30_000;

/** What can happen to something, by name. Each resolves when it is over. */
type Misfortunes = Readonly<Record<string, () => Promise<void>>>;

/** Processes that share one quota. */
class Crew {
  readonly mode: "exact" | "leased";
  readonly admissions = new Admissions(WINDOW_MS);
  readonly #processes: CallerProcess[] = [];

  constructor(mode: "exact" | "leased") {
    this.mode = mode;
  }

  async start(): Promise<void> {
    for (let i = 0; i < PROCESSES; i++) await this.#startAt(i);
  }

  get misfortunes(): Misfortunes {
    return {
      [`${this.mode} process killed`]: async () => {
        const i = this.#anyone();
        await this.#processes[i]?.kill();
        await aWhile(MISFORTUNE_MS);
        await this.#startAt(i);
      },
      [`${this.mode} process halted`]: async () => {
        const process = this.#processes[this.#anyone()];
        process?.stop();
        await aWhile(MISFORTUNE_MS);
        process?.cont();
      },
    };
  }

  end(): Promise<unknown> {
    return Promise.all(this.#processes.map((process) => process.kill()));
  }

  #anyone(): number {
    return Math.floor(random() * PROCESSES);
  }

  /** Tries until Redis is there. */
  async #startAt(i: number): Promise<void> {
    const settings = { url: redis.url, mode: this.mode, budgetMs: BUDGET_MS, quota: QUOTA, windowMs: WINDOW_MS };
    for (;;) {
      const process = await CallerProcess.start(settings, this.admissions).catch(() => undefined);
      if (process !== undefined) {
        this.#processes[i] = process;
        void process.call({ ...LOAD, partition: this.mode });
        return;
      }
      await pause(RETRY_MS);
    }
  }
}

console.log(`seed ${SEED}, ${MINUTES} minutes`);
const random = randomOf(SEED);
const endsAt = Date.now() + MINUTES * 60_000;
const happened = new Map<string, number>();
const redis = await startRedis({ persistent: true });
const crews = [new Crew("exact"), new Crew("leased")];
for (const crew of crews) await crew.start();
setInterval(tell, REPORT_EVERY_MS).unref();
setInterval(check, CHECK_EVERY_MS).unref();
const ofRedis: Misfortunes = {
  "Redis killed": async () => {
    await redis.kill();
    await aWhile(MISFORTUNE_MS);
    await redis.restart();
  },
  "Redis halted": async () => {
    redis.stop();
    await aWhile(MISFORTUNE_MS);
    redis.cont();
  },
};
await Promise.all([ofRedis, ...crews.map(({ misfortunes }) => misfortunes)].map(bring));
await Promise.all(crews.map((crew) => crew.end()));
await redis.end();
tell();
check();
for (const { mode, admissions } of crews) {
  if (admissions.most < 0.9 * QUOTA) throw new Error(`${mode}: no window was put to the test`);
}

/** Lets one of these happen after the other, at random, until the time is over. */
async function bring(misfortunes: Misfortunes): Promise<void> {
  const names = Object.keys(misfortunes);
  while (Date.now() < endsAt) {
    const name = names[Math.floor(random() * names.length)] as string;
    await aWhile(PEACE_MS);
    happened.set(name, (happened.get(name) ?? 0) + 1);
    await misfortunes[name]?.();
  }
}

function tell(): void {
  for (const { mode, admissions } of crews) {
    const windows = admissions.of(mode);
    const mean = Math.round(windows.reduce((sum, admitted) => sum + admitted, 0) / windows.length);
    console.log(
      `${mode}: ${windows.length} windows of ${QUOTA}; admitted at most ${admissions.most}, on average ${mean}`,
    );
  }
  console.log([...happened].map(([name, count]) => `${name} ${count}`).join(", "));
}

function check(): void {
  for (const { mode, admissions } of crews) {
    if (admissions.most <= QUOTA && admissions.late === 0) continue;
    tell();
    console.error(`${mode}: over quota, or ${admissions.late} admitted after their window; seed ${SEED}`);
    process.exit(1);
  }
}

function aWhile(mostMs: number): Promise<void> {
  return pause(random() * mostMs);
}

/** Numbers from 0 on and below 1, always the same for a seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  hasRedis,
  type RedisOptions,
  type RedisServer,
  startRedis,
} from "../../packages/redis/test/servers/redis-server.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { rateLimit, type Served, serve, startUpstream } from "./harness.ts";

/** So large that it lasts until Redis is away, and so small that it is soon used up when Redis is back. */
const SCARCE = 300;
/** Admitted before Redis goes away, at least. */
const BEFORE = 50;
const OWN = 5;

/** A limit of each mode, and one to use up. The budget is so long that an answer never takes it on a busy machine. */
const POLICY = `
headgate: 1
limits:
  - { name: open, match: { path: /open }, per: [], quota: 1000000, window: 1h, on-store-error: allow }
  - { name: shut, match: { path: /shut }, per: [], quota: 1000000, window: 1h, on-store-error: deny }
  - { name: own, match: { path: /own }, per: [], quota: ${OWN}, window: 1h, on-store-error: local }
  - { name: scarce, match: { path: /scarce }, per: [], quota: ${SCARCE}, window: 1h, on-store-error: deny }
`;
const BUDGET = "300ms";

const SOON = { timeout: 30_000, interval: 20 };

async function start(mode: string, options: RedisOptions): Promise<{ redis: RedisServer; gate: Served }> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.end());
  const file = join(await temporaryFolder(), "policy.yaml");
  await writeFile(file, `${POLICY}store: { redis: { mode: ${mode}, budget: ${BUDGET} } }\n`);
  const upstream = await startUpstream();
  return { redis, gate: await serve(file, upstream.url, { environment: { REDIS_URL: redis.url } }) };
}

const PATHS = ["/open", "/shut", "/scarce"] as const;
const LANES = 4;
const PAUSE_MS = 10;

/** Callers that come again and again, and what they are answered. One that gets no answer fails the test. */
class Load {
  readonly #statuses = new Map<string, number[]>(PATHS.map((path) => [path, []]));
  readonly #lanes: Promise<unknown>;
  #isOver = false;

  constructor({ url }: Served) {
    const lanes = PATHS.flatMap((path) => Array.from({ length: LANES }, () => this.#lane(url, path)));
    this.#lanes = Promise.all(lanes);
    onTestFinished(() => this.end());
  }

  /** Statuses so far, in order. */
  of(path: (typeof PATHS)[number]): readonly number[] {
    return this.#statuses.get(path) as number[];
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#lanes;
  }

  async #lane(url: string, path: string): Promise<void> {
    while (!this.#isOver) {
      const response = await fetch(url + path);
      await response.arrayBuffer();
      this.#statuses.get(path)?.push(response.status);
      await pause(PAUSE_MS);
    }
  }
}

const admitted = (statuses: readonly number[]): number => statuses.filter((status) => status === 200).length;
const eventsOf = (gate: Served, event: string): number => gate.log().split(`"msg":"${event}"`).length - 1;
const metricsOf = async ({ adminUrl }: Served): Promise<string> => (await fetch(`${adminUrl}/metrics`)).text();

describe.skipIf(!hasRedis)("under load, on a Redis that keeps its data and is", () => {
  test.for([
    ["killed", "exact"],
    ["killed", "leased"],
    ["stopped", "exact"],
    ["stopped", "leased"],
  ])("%s, each request is answered as its limit says, and nothing is over quota: %s", async ([outage, mode = ""]) => {
    const { redis, gate } = await start(mode, { persistent: true });
    const load = new Load(gate);
    const get = (path: string): Promise<Response> => fetch(gate.url + path);
    await expect.poll(() => admitted(load.of("/scarce")), SOON).toBeGreaterThanOrEqual(BEFORE);
    expect(await metricsOf(gate)).toMatch(/^headgate_store_up 1$/m);

    if (outage === "killed") await redis.kill();
    else redis.stop();
    await expect.poll(() => eventsOf(gate, "store-failing"), SOON).toBe(1);
    // What is leased may be spent first.
    await expect.poll(async () => (await get("/shut")).status, SOON).toBe(503);
    expect(Number(rateLimit(await get("/shut")).retryAfter)).toBeGreaterThan(0);
    const uncounted = await get("/open");
    expect(uncounted.status).toBe(200);
    const counted = await Promise.all(Array.from({ length: OWN + 1 }, () => get("/own")));
    expect(counted.map(({ status }) => status).toSorted()).toEqual([...Array(OWN).fill(200), 429]);
    expect(counted.map((response) => rateLimit(response).limit)).toEqual(Array(OWN + 1).fill(String(OWN)));
    expect(await metricsOf(gate)).toMatch(/^headgate_store_up 0$/m);
    // As with the others: of an open limit what is leased may last a little longer.
    for (const outcome of ["allow", "deny", "local"]) {
      const isCounted = new RegExp(`^headgate_store_errors_total{outcome="${outcome}"} [1-9]`, "m");
      await expect.poll(() => metricsOf(gate), SOON).toMatch(isCounted);
    }

    if (outage === "killed") await redis.restart();
    else redis.cont();
    await expect.poll(() => eventsOf(gate, "store-recovered"), SOON).toBe(1);
    expect(await metricsOf(gate)).toMatch(/^headgate_store_up 1$/m);
    expect((await get("/own")).headers.get("x-ratelimit-remaining")).toBe(String(OWN - 1));
    await expect.poll(() => load.of("/scarce"), SOON).toContain(429);
    await load.end();

    expect(admitted(load.of("/scarce"))).toBeLessThanOrEqual(SCARCE);
    // Beyond what was counted and got no answer in time.
    expect(admitted(load.of("/scarce"))).toBeGreaterThan(SCARCE / 2);
    expect(new Set(load.of("/scarce"))).toEqual(new Set([200, 503, 429]));
    expect(new Set(load.of("/open"))).toEqual(new Set([200]));
    expect(new Set(load.of("/shut"))).toEqual(new Set([200, 503]));
    expect(eventsOf(gate, "store-failing")).toBe(1);
  });
});

test.skipIf(!hasRedis)(
  "a Redis that has forgotten everything counts from nothing, and no further than the quota",
  async () => {
    const { redis, gate } = await start("exact", {});
    const status = async (): Promise<number> => (await fetch(`${gate.url}/own`)).status;
    const statuses = async (): Promise<number[]> => Promise.all(Array.from({ length: 2 * OWN }, status));
    expect(admitted(await statuses())).toBe(OWN);
    await redis.kill();
    await fetch(`${gate.url}/open`);
    await redis.restart();
    await expect.poll(async () => (await fetch(`${gate.url}/open`)) && eventsOf(gate, "store-recovered"), SOON).toBe(1);
    expect(admitted(await statuses())).toBe(OWN);
  },
);

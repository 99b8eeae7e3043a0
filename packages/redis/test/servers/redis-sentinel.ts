import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { redisCli } from "./redis-cli.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";
import { ServerProcess } from "./server-process.ts";

const MASTER_NAME = "main";
const SENTINELS = 3;
const POLL_MS = 20;

/** Starts a master, a replica of it, and three Sentinels that watch over them. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const settings = { "repl-diskless-sync-delay": "0" };
  const master = await startRedis({ settings });
  const replica = await startRedis({ settings: { ...settings, replicaof: `127.0.0.1 ${master.port}` } });
  while (!replica.cli("info", "replication").includes("master_link_status:up")) await after(POLL_MS);
  const sentinels = await Promise.all(Array.from({ length: SENTINELS }, () => Sentinel.start(master.port)));
  const watched = new RedisSentinel(master, replica, sentinels);
  await watched.untilAllKnown();
  return watched;
}

/** A master of the test's own, its replica, and their Sentinels. */
export class RedisSentinel {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly Sentinel[];

  constructor(master: RedisServer, replica: RedisServer, sentinels: readonly Sentinel[]) {
    this.master = master;
    this.replica = replica;
    this.sentinels = sentinels;
  }

  get url(): string {
    return `redis+sentinel://${this.sentinels.map((sentinel) => `127.0.0.1:${sentinel.port}`).join(",")}/${MASTER_NAME}`;
  }

  /** Resolves when each Sentinel knows the replica and the other Sentinels: before that they fail over nothing. */
  async untilAllKnown(): Promise<void> {
    for (const sentinel of this.sentinels) {
      const isReady = (state: string): boolean =>
        state.includes("slaves=1") && state.includes(`sentinels=${SENTINELS}`) && state.includes("status=ok");
      while (!isReady(sentinel.cli("info", "sentinel"))) await after(POLL_MS);
    }
  }

  /** Has the replica take over, as after a loss of the master; resolves when it has. The old master is demoted later. */
  async failOver(): Promise<void> {
    const [first] = this.sentinels as [Sentinel];
    first.cli("sentinel", "failover", MASTER_NAME);
    while (!this.replica.cli("role").startsWith("master")) await after(POLL_MS);
  }

  /** Kills all of them for good, and clears away what they kept. */
  async end(): Promise<void> {
    for (const server of [...this.sentinels, this.replica, this.master]) await server.end();
  }
}

/** One Sentinel, on a free port of the loopback. */
export class Sentinel extends ServerProcess {
  readonly port: number;
  readonly #folder: string;

  private constructor(port: number, folder: string) {
    super();
    this.port = port;
    this.#folder = folder;
  }

  static async start(masterPort: number): Promise<Sentinel> {
    const sentinel = new Sentinel(await freePort(), mkdtempSync(join(tmpdir(), "headgate-sentinel-")));
    // It keeps what it learns in its file of settings, and refuses to start without one.
    const file = join(sentinel.#folder, "sentinel.conf");
    const settings = [
      `port ${sentinel.port}`,
      "bind 127.0.0.1",
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 500`,
      `sentinel failover-timeout ${MASTER_NAME} 1000`,
    ];
    writeFileSync(file, settings.join("\n"));
    await sentinel.start("redis-sentinel", [file], sentinel.#folder, "+monitor");
    return sentinel;
  }

  /** Asks it as an operator would, with `redis-cli`; the answer as that prints it. */
  cli(...command: string[]): string {
    return redisCli(this.port, command);
  }

  /** Kills it for good, and clears away what it kept. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

import { setTimeout as after } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type RedisOptions, type RedisServer, startRedis } from "./redis-server.ts";

const SLOTS = 16_384;
const MASTERS = 3;
const POLL_MS = 20;

/** Starts a Cluster of three masters, each with a third of the slots. It takes 2 to 3 s: a Cluster does not hurry. */
export async function startRedisCluster(options: RedisOptions = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: MASTERS }, () => startNode(options)));
  for (const [index, node] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((third) => Math.ceil((third * SLOTS) / MASTERS)) as [number, number];
    node.cli("cluster", "addslotsrange", String(from), String(to - 1));
  }
  const [first, ...others] = nodes as [RedisServer, ...RedisServer[]];
  for (const node of others) meet(node, first);
  const cluster = new RedisCluster(nodes, options);
  for (const node of nodes) {
    await until(node, ["cluster", "info"], "cluster_state:ok", `cluster_known_nodes:${MASTERS}`);
  }
  return cluster;
}

/** A Cluster of the test's own. */
export class RedisCluster {
  /** The masters that it was started with. */
  readonly nodes: readonly RedisServer[];
  readonly #options: RedisOptions;
  readonly #replicas: RedisServer[] = [];
  readonly #ids: ReadonlyMap<string, RedisServer>;

  constructor(nodes: readonly RedisServer[], options: RedisOptions) {
    this.nodes = nodes;
    this.#options = options;
    this.#ids = new Map(nodes.map((node) => [idOf(node), node]));
  }

  /** Names all masters; without the password, if they have one. */
  get url(): string {
    return `redis+cluster://${this.nodes.map((node) => `127.0.0.1:${node.port}`).join(",")}`;
  }

  /** The master that has a slot; while that moves, the one that it moves from. */
  nodeOf(slot: number): RedisServer {
    const [first] = this.nodes as [RedisServer];
    for (const line of first.cli("cluster", "nodes").split("\n")) {
      const [id = "", , , , , , , , ...ranges] = line.split(" ");
      const node = this.#ids.get(id);
      if (node !== undefined && ranges.some((range) => isIn(slot, range))) return node;
    }
    throw new Error(`no master has slot ${slot}`);
  }

  /** Begins to move a slot: who asks for a key that is not at the old place is sent on with ASK. */
  beginMove(slot: number, to: RedisServer): void {
    const from = this.nodeOf(slot);
    to.cli("cluster", "setslot", String(slot), "importing", idOf(from));
    from.cli("cluster", "setslot", String(slot), "migrating", idOf(to));
  }

  /** Moves the keys of a slot, and then the slot: who asks at the old place is sent on with MOVED. */
  finishMove(slot: number, to: RedisServer): void {
    const from = this.nodeOf(slot);
    const keys = from.cli("cluster", "getkeysinslot", String(slot), "1000").split("\n").filter(Boolean);
    if (keys.length > 0) from.cli("migrate", "127.0.0.1", String(to.port), "", "0", "5000", "keys", ...keys);
    const others = this.nodes.filter((node) => node !== to);
    for (const node of [to, ...others]) node.cli("cluster", "setslot", String(slot), "node", idOf(to));
  }

  /** Starts a replica, which takes over when its master is lost. */
  async addReplica(master: RedisServer): Promise<RedisServer> {
    const replica = await startNode(this.#options);
    this.#replicas.push(replica);
    meet(replica, master);
    const id = idOf(master);
    await until(replica, ["cluster", "nodes"], id);
    replica.cli("cluster", "replicate", id);
    await until(replica, ["info", "replication"], "master_link_status:up");
    // Before the others know of it, they would not elect it.
    for (const node of this.nodes) await until(node, ["cluster", "nodes"], `slave ${id}`);
    return replica;
  }

  /** Kills all nodes for good, and clears away what they kept. */
  async end(): Promise<void> {
    for (const node of [...this.nodes, ...this.#replicas]) await node.end();
  }
}

async function startNode(options: RedisOptions): Promise<RedisServer> {
  const clusterPort = String(await freePort());
  const cluster = { "cluster-enabled": "yes", "cluster-port": clusterPort, "cluster-node-timeout": "1000" };
  const settings = { ...cluster, "repl-diskless-sync-delay": "0", ...options.settings };
  return startRedis({ ...options, settings });
}

function meet(node: RedisServer, other: RedisServer): void {
  const [, bus = ""] = other.cli("config", "get", "cluster-port").split("\n");
  node.cli("cluster", "meet", "127.0.0.1", String(other.port), bus);
}

function idOf(node: RedisServer): string {
  return node.cli("cluster", "myid");
}

/** A slot alone, a range such as `0-5460`, or `[93->-…]` for one that is moving. */
function isIn(slot: number, range: string): boolean {
  const [from, to = from] = range.split("-").map(Number) as [number, number?];
  return from <= slot && slot <= (to ?? from);
}

/** Resolves when the answer of a node has all these words in it. */
async function until(node: RedisServer, command: readonly string[], ...words: string[]): Promise<void> {
  for (;;) {
    const answer = node.cli(...command);
    if (words.every((word) => answer.includes(word))) return;
    await after(POLL_MS);
  }
}

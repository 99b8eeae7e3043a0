import { HeadgateError } from "@headgate/core";
import { ErrorReply } from "@redis/client";
import type { Link } from "../link.ts";
import type { Script } from "../script.ts";
import { type Address, showAddress } from "./address.ts";
import type { Access, Argument, Connection } from "./connection.ts";
import { openServer } from "./open-server.ts";
import { runScript } from "./run-script.ts";
import { Server } from "./server.ts";
import { slotOf } from "./slot.ts";
import { readRedirection, readSlotMap, type SlotMap } from "./slot-map.ts";

/** A command is sent on so many times: more would be servers that disagree. */
const MAX_HOPS = 5;

/** While a server is away, or a slot has none, the others are asked this often who has taken over. */
const LOOK_MS = 1_000;

/** A server of the Cluster. */
interface Node {
  readonly address: Address;
  readonly server: Server;
}

/** A Redis Cluster: a connection to each master, and a map of which slot is where. */
export class ClusterLink implements Link {
  readonly hasSlots = true;
  readonly slotOf: (key: string) => number = slotOf;
  /** How many commands have been sent. */
  commands = 0;
  readonly #seeds: readonly Address[];
  readonly #access: Access;
  readonly #nodes = new Map<string, Node>();
  readonly #lookout: NodeJS.Timeout;
  #map: SlotMap = [];
  #looking: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Asks the given servers which slot is where, and connects to all that have one.
   *
   * @throws HeadgateError what was wrong with one of them, if nothing can be reached
   */
  static async open(seeds: readonly Address[], access: Access): Promise<ClusterLink> {
    const link = new ClusterLink(seeds, access);
    try {
      await link.#look();
      const servers = [...link.#nodes.values()].map((node) => node.server);
      await Promise.all(servers.map((server) => server.tried));
      const [first] = servers;
      if (first !== undefined && !servers.some((server) => server.isConnected)) throw first.fault;
      return link;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  private constructor(seeds: readonly Address[], access: Access) {
    this.#seeds = seeds;
    this.#access = access;
    this.#lookout = setInterval(() => {
      if (!this.#isWhole()) this.#lookAgain();
    }, LOOK_MS);
  }

  run(script: Script, keys: readonly string[], argument: Buffer): Promise<Buffer> {
    const slot = slotOf(keys[0] ?? "");
    return runScript((args) => this.#send(slot, args), "Redis Cluster", script, keys, argument);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#lookout);
    for (const { server } of this.#nodes.values()) server.close();
  }

  /** Sends a command to where a slot is, and on to where it turns out to be: who sends it on has not run it. */
  async #send(slot: number, args: readonly Argument[]): Promise<unknown> {
    let address = this.#map[slot];
    let isAsking = false;
    for (let hops = 0; ; hops++) {
      if (address === undefined) {
        throw new HeadgateError("HG_REDIS_REFUSED", `no server of the Redis Cluster has slot ${slot}`);
      }
      try {
        return await this.#sendTo(address, args, isAsking);
      } catch (error) {
        const redirection = error instanceof ErrorReply ? readRedirection(error.message, address) : undefined;
        if (redirection === undefined || hops === MAX_HOPS) throw error;
        address = redirection.address;
        isAsking = !redirection.isMoved;
        if (redirection.isMoved) {
          this.#map[slot] = address;
          this.#lookAgain();
        }
      }
    }
  }

  /** A server that gets a slot runs commands for it only if they say that they come from the slot's old one. */
  async #sendTo(address: Address, args: readonly Argument[], isAsking: boolean): Promise<unknown> {
    const { server } = this.#nodeAt(address);
    await server.tried;
    this.commands += 1;
    if (!isAsking) return server.send(args);
    const [, answer] = await Promise.all([server.send(["ASKING"]), server.send(args)]);
    return answer;
  }

  #nodeAt(address: Address): Node {
    const name = showAddress(address);
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const server = new Server(`Redis at ${name}`, () => openServer(address, this.#access));
    const node = { address, server };
    this.#nodes.set(name, node);
    return node;
  }

  #isWhole(): boolean {
    return [...this.#nodes.values()].every((node) => node.server.isConnected) && !this.#map.includes(undefined);
  }

  #lookAgain(): void {
    // Where nobody can be asked, that is found out by what is sent.
    this.#look().catch(() => {});
  }

  #look(): Promise<void> {
    this.#looking ??= this.#readMap()
      .then((map) => this.#adopt(map))
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  /** Of all that can be asked, the first to answer: one that has just stopped would keep the others waiting. */
  async #readMap(): Promise<SlotMap> {
    const connected = [...this.#nodes.values()].filter((node) => node.server.isConnected);
    try {
      return await Promise.any(connected.map(({ address, server }) => askMap(server, address)));
    } catch {
      return Promise.any(this.#seeds.map((seed) => this.#askSeed(seed))).catch((error: AggregateError) => {
        throw error.errors[0];
      });
    }
  }

  async #askSeed(seed: Address): Promise<SlotMap> {
    const connection = await openServer(seed, this.#access);
    try {
      if (!connection.info.isCluster) {
        const where = showAddress(seed);
        throw new HeadgateError(
          "HG_REDIS_URL",
          `Redis at ${where} is of no Cluster: write redis:// for a server alone`,
        );
      }
      return await askMap(connection, seed);
    } finally {
      connection.drop(new Error("asked"));
    }
  }

  #adopt(map: SlotMap): void {
    if (this.#isClosed) return;
    this.#map = map;
    const addresses = [...new Set(map)].filter((address) => address !== undefined);
    const masters = new Set(addresses.map((address) => this.#nodeAt(address)));
    for (const [name, node] of this.#nodes) {
      // One that is there may still be asked for a slot that it is getting.
      if (masters.has(node) || node.server.isConnected) continue;
      node.server.close();
      this.#nodes.delete(name);
    }
  }
}

async function askMap(server: Pick<Connection, "send">, address: Address): Promise<SlotMap> {
  return readSlotMap(await server.send(["CLUSTER", "SLOTS"]), address);
}

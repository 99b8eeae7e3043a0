import type { Cell } from "../cell/cell.ts";
import { shareThrough } from "../cell/share-through.ts";
import type { SharedGate } from "../shared-gate.ts";

/** The part of a client of node-redis 4 to 6 that is used, of a Cluster's as well. It must be connected. */
export interface NodeRedis {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The part of an ioredis client that is used, of a Cluster's as well. */
export interface IoRedis {
  // Both have `eval`; this tells them apart.
  readonly defineCommand: unknown;
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** How gates are shared over Redis. */
export interface RedisSharing {
  /** What the keys begin with. Default: `headgate:client:1:`. */
  readonly prefix?: string;
}

/** A gate nobody has used for so long is forgotten. */
const FORGOTTEN_MS = 86_400_000;

/** Swaps if there is what was expected; says what is there instead, and the time by Redis's clock. Redis 5 and later. */
const SWAP = `
local there = redis.call('GET', KEYS[1]) or ''
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if there ~= ARGV[1] then return { now, 0, there } end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return { now, 1, '' }`;

/**
 * Shares gates with all processes that use the same Redis and prefix: together they send no more than one would, in the
 * order in which they ask. It takes a round trip for each call, or for several that wait. Where Redis fails, or takes more
 * than half a second, each process goes on alone, by what it knows itself, and says so in a notice. The client stays the caller's.
 *
 *     const api = obey(fetch, { share: shareOverRedis(await createClient().connect()) });
 */
export function shareOverRedis(
  client: NodeRedis | IoRedis,
  { prefix = "headgate:client:1:" }: RedisSharing = {},
): SharedGate {
  const cell: Cell = {
    swap: async (key, expected, next) => {
      const name = prefix + key;
      const parameters = [expected, next, String(FORGOTTEN_MS)];
      const reply =
        "defineCommand" in client
          ? await client.eval(SWAP, 1, name, ...parameters)
          : await client.eval(SWAP, { keys: [name], arguments: parameters });
      const [now, isSwapped, there] = reply as [unknown, unknown, unknown];
      return { instead: Number(isSwapped) === 1 ? undefined : String(there), now: Number(now) };
    },
  };
  return shareThrough(cell);
}

import type { Link } from "../link.ts";
import { type Address, showAddress } from "./address.ts";
import { ClusterLink } from "./cluster-link.ts";
import { openServer } from "./open-server.ts";
import { parseRedisUrl, type RedisUrl } from "./redis-url.ts";
import { Sentinels } from "./sentinels.ts";
import { Server } from "./server.ts";
import { ServerLink } from "./server-link.ts";

/** A link to a real Redis. */
export interface RedisLink extends Link {
  /** How many commands have been sent, those that failed among them, and not those that only keep the connection. */
  readonly commands: number;
}

/**
 * Connects to the Redis that a URL names, and checks that counters can be kept there. From then on the link keeps itself
 * connected until it is closed; while it is not, `run` is rejected at once. A connection on which nothing has been heard
 * for some seconds is given up, and what waits on it is rejected then.
 *
 * @throws HeadgateError `HG_REDIS_URL`, `HG_REDIS_UNREACHABLE`, `HG_REDIS_AUTH`, `HG_REDIS_REFUSED`,
 *   `HG_REDIS_TOO_OLD` or `HG_REDIS_REPLICA`
 */
export function connectRedis(url: string): Promise<RedisLink> {
  const parsed = parseRedisUrl(url);
  switch (parsed.kind) {
    case "server":
      return connectServer(parsed);
    case "sentinel":
      return connectMaster(parsed);
    case "cluster":
      return ClusterLink.open(parsed.addresses, parsed);
  }
}

/** A server that says that it is of a Cluster is asked for the others. */
async function connectServer(url: RedisUrl): Promise<RedisLink> {
  const [address] = url.addresses as [Address];
  const where = `Redis at ${showAddress(address)}`;
  const server = new Server(where, () => openServer(address, url));
  await server.tried;
  const { info, fault } = server;
  if (info !== undefined && !info.isCluster) return new ServerLink(server, where);
  server.close();
  if (info === undefined) throw fault;
  return ClusterLink.open(url.addresses, url);
}

async function connectMaster(url: RedisUrl): Promise<RedisLink> {
  const sentinels = new Sentinels(url);
  const where = `Redis "${url.masterName}"`;
  const server = new Server(where, () => sentinels.openMaster());
  const link = new ServerLink(server, where, () => sentinels.close());
  await server.tried;
  const { isConnected, fault } = server;
  if (isConnected) return link;
  await link.close();
  throw fault;
}

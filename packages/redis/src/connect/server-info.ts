import { HeadgateError } from "@headgate/core";

/** The oldest Redis whose scripts may do all that ours do. */
const OLDEST = [6, 2] as const;

/** What a server says of itself in answer to `INFO`. */
export interface ServerInfo {
  /** Such as `7.0.15`. Valkey gives the version of Redis that it can stand in for. */
  readonly version: string;
  readonly isReplica: boolean;
  readonly isCluster: boolean;
  readonly isSentinel: boolean;
}

/** Reads the answer to `INFO`. */
export function readServerInfo(text: string): ServerInfo {
  const fields = new Map(text.split("\r\n").map((line) => line.split(":", 2) as [string, string]));
  return {
    version: fields.get("redis_version") ?? "",
    isReplica: fields.get("role") === "slave",
    isCluster: fields.get("cluster_enabled") === "1",
    isSentinel: fields.get("redis_mode") === "sentinel",
  };
}

/**
 * Whether counters can be kept there. `where` names the server in messages.
 *
 * @throws HeadgateError `HG_REDIS_URL`, `HG_REDIS_TOO_OLD` or `HG_REDIS_REPLICA`
 */
export function checkServer({ version, isReplica, isCluster, isSentinel }: ServerInfo, where: string): void {
  if (isSentinel) {
    throw new HeadgateError("HG_REDIS_URL", `${where} is a Sentinel: write redis+sentinel://host:port/name`);
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new HeadgateError(
      "HG_REDIS_TOO_OLD",
      `${where} is Redis ${version}: Headgate needs ${OLDEST.join(".")} or newer`,
    );
  }
  // A replica in a Cluster sends those who ask it to its master.
  if (isReplica && !isCluster) {
    throw new HeadgateError("HG_REDIS_REPLICA", `${where} is a replica, which takes no writes: name its master`);
  }
}

import { readFileSync } from "node:fs";
import { HeadgateError } from "@headgate/core";
import { type Address, parseAddress } from "./address.ts";

/** What the addresses of a URL are of: one server, nodes of a Cluster, or Sentinels. */
type RedisKind = "server" | "cluster" | "sentinel";

/** Who to be to a server. */
export interface Login {
  readonly username?: string;
  readonly password?: string;
}

/** Whom to trust and what to show, as PEM: without these the authorities that Node knows, and nothing. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** What a URL says of where Redis is, and of how to be let in. */
export interface RedisUrl {
  readonly kind: RedisKind;
  readonly addresses: readonly Address[];
  readonly login: Login;
  /** To the Sentinels, which know no users of the servers that they watch. */
  readonly sentinelLogin: Login;
  /** What the Sentinels call the servers that they watch; empty without Sentinels. */
  readonly masterName: string;
  readonly database: number;
  /** Undefined where connections are plain. */
  readonly tls: TlsFiles | undefined;
}

const SCHEME = /^redis(s?)(?:\+(cluster|sentinel))?:\/\//;
const DEFAULT_PORTS = { server: 6_379, cluster: 6_379, sentinel: 26_379 };
const TLS_OPTIONS = ["ca", "cert", "key"];

/**
 * Reads `redis://user:password@host:port/database` and its kin: `rediss` is with TLS; `redis+cluster` and
 * `redis+sentinel` take several hosts; the path of the latter begins with the master's name.
 *
 * @throws HeadgateError `HG_REDIS_URL`, which shows the URL without what is secret
 */
export function parseRedisUrl(text: string): RedisUrl {
  try {
    return readUrl(text);
  } catch (error) {
    throw new HeadgateError("HG_REDIS_URL", `${withoutSecrets(text)}: ${(error as Error).message}`);
  }
}

/** A URL without its login and options, for messages. */
function withoutSecrets(text: string): string {
  const scheme = SCHEME.exec(text)?.[0] ?? "";
  const rest = text.slice(scheme.length);
  const [shown = ""] = rest.split("?");
  const login = rest.lastIndexOf("@") + 1;
  // Whether that is a password with a question mark in it, or an option with an @ in it, nobody knows.
  if (login > shown.length) return `${scheme}***`;
  return `${scheme}${login > 0 ? "***@" : ""}${shown.slice(login)}`;
}

function readUrl(text: string): RedisUrl {
  const [scheme, tls, kind = "server"] = SCHEME.exec(text) ?? [];
  if (scheme === undefined) throw new Error("not a Redis URL; write redis://user:password@host:port/database");
  const [, login = "", hosts = "", path = "", query = ""] =
    /^(?:([^/?]*)@)?([^/?@]*)(\/[^?]*)?(?:\?(.*))?$/s.exec(text.slice(scheme.length)) ?? [];
  if (`${path}${query}`.includes("@")) throw new Error("an @ after the host; write / ? @ of a password as %2F %3F %40");
  const options = new Map(new URLSearchParams(query));
  const sentinelPassword = kind === "sentinel" ? take(options, "sentinel-password") : undefined;
  const url = {
    kind: kind as RedisKind,
    addresses: readHosts(hosts, kind as RedisKind),
    login: readLogin(login),
    sentinelLogin: sentinelPassword === undefined ? {} : { password: sentinelPassword },
    ...readPath(path, kind as RedisKind),
    tls: tls === "s" ? readTlsFiles(options) : undefined,
  };
  for (const name of options.keys()) throw new Error(`the option ${name} is not known here`);
  return url;
}

function readHosts(hosts: string, kind: RedisKind): Address[] {
  const addresses = hosts.split(",").map((host) => {
    const address = parseAddress(host, DEFAULT_PORTS[kind]);
    if (address === undefined) throw new Error("no host where one should be; write host:port");
    return address;
  });
  if (kind !== "server" || addresses.length === 1) return addresses;
  throw new Error("several hosts; say what they are of with redis+cluster:// or redis+sentinel://");
}

function readLogin(login: string): Login {
  if (login === "") return {};
  const colon = login.indexOf(":");
  if (colon < 0) throw new Error("a user without a password; write redis://user:password@ or redis://:password@");
  const [username, password] = [decode(login.slice(0, colon)), decode(login.slice(colon + 1))];
  return username === "" ? { password } : { username, password };
}

function readPath(path: string, kind: RedisKind): { masterName: string; database: number } {
  const segments = path.slice(1).split("/").map(decode);
  const masterName = kind === "sentinel" ? (segments.shift() ?? "") : "";
  if (kind === "sentinel" && masterName === "") {
    throw new Error("no name of a master; write redis+sentinel://host:port/name");
  }
  const [database = "", ...more] = segments;
  if (more.length > 0 || !/^\d{0,9}$/.test(database)) throw new Error("the database is not a number");
  if (kind === "cluster" && Number(database) > 0) throw new Error("a Cluster has no databases");
  return { masterName, database: Number(database) };
}

function readTlsFiles(options: Map<string, string>): TlsFiles {
  const files = TLS_OPTIONS.flatMap((name) => {
    const file = take(options, name);
    return file === undefined ? [] : [[name, readFileSync(file)]];
  });
  return Object.fromEntries(files) as TlsFiles;
}

/** Takes an option out, so that those which nobody takes are left. */
function take(options: Map<string, string>, name: string): string | undefined {
  const value = options.get(name);
  options.delete(name);
  return value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("a % that begins no escape; write %25");
  }
}

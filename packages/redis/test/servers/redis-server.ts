import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { freePort } from "./free-port.ts";
import { redisCli } from "./redis-cli.ts";
import { ServerProcess } from "./server-process.ts";

/** What a test's Redis is like. Without any of it: no password, no TLS, and nothing outlives the process. */
export interface RedisOptions {
  readonly password?: string;
  /** Takes TLS alone, with a certificate that only {@link RedisServer.certificate} vouches for. */
  readonly tls?: boolean;
  /** Writes each change to disk before it answers, so that a restart forgets nothing. */
  readonly persistent?: boolean;
  /** More of `redis.conf`, such as `{ maxmemory: "2mb" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const PROGRAMS = ["redis-server", "redis-sentinel", "redis-cli"];
const HOW_TO_ENABLE = "Redis tests are skipped: install Redis (apt-get install redis-server redis-sentinel)";

/** Whether there are servers to start. Tests that need them are skipped where there are none; a line then says so. */
export const hasRedis: boolean = PROGRAMS.every(isOnPath);
if (!hasRedis) console.warn(HOW_TO_ENABLE);

/** Starts a Redis on a free port of the loopback. It answers when this resolves, and runs until its `end()`. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const server = new RedisServer(await freePort(), options);
  await server.restart();
  return server;
}

/**
 * A Redis of the test's own, on a port of the loopback, in a folder that goes with it. `kill()`, `stop()` and `cont()`
 * are those of its process.
 */
export class RedisServer extends ServerProcess {
  readonly port: number;
  /** Vouches for the server, and is good for a client too; undefined without TLS. */
  readonly certificate: Certificate | undefined;
  readonly #options: RedisOptions;
  readonly #folder: string;

  constructor(port: number, options: RedisOptions) {
    super();
    this.port = port;
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), "headgate-redis-"));
    this.certificate = options.tls ? makeCertificate(this.#folder) : undefined;
  }

  /** With the password, and with the file of the certificate that vouches for the server. */
  get url(): string {
    const login = this.#options.password === undefined ? "" : `:${encodeURIComponent(this.#options.password)}@`;
    if (this.certificate === undefined) return `redis://${login}127.0.0.1:${this.port}`;
    return `rediss://${login}127.0.0.1:${this.port}?ca=${encodeURIComponent(this.certificate.certFile)}`;
  }

  /** Starts it on its port, with what it has on disk; kills it before if it runs. */
  async restart(): Promise<void> {
    await this.start("redis-server", this.#arguments(), this.#folder, "Ready to accept connections");
  }

  /** Kills it for good, and clears away what it kept. */
  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Asks it as an operator would, with `redis-cli`; the answer as that prints it. */
  cli(...command: string[]): string {
    const login = this.#options.password === undefined ? [] : ["--no-auth-warning", "-a", this.#options.password];
    const tls = this.certificate === undefined ? [] : ["--tls", "--cacert", this.certificate.certFile];
    return redisCli(this.port, [...login, ...tls, ...command]);
  }

  #arguments(): string[] {
    const { password, persistent, settings = {} } = this.#options;
    const port = String(this.port);
    const args = ["--bind", "127.0.0.1", "--save", ""];
    if (persistent) args.push("--appendonly", "yes", "--appendfsync", "always");
    if (password !== undefined) args.push("--requirepass", password, "--masterauth", password);
    if (this.certificate === undefined) {
      args.push("--port", port);
    } else {
      const { certFile, keyFile } = this.certificate;
      args.push("--port", "0", "--tls-port", port, "--tls-cert-file", certFile, "--tls-key-file", keyFile);
      args.push("--tls-ca-cert-file", certFile, "--tls-auth-clients", "optional");
    }
    for (const [name, value] of Object.entries(settings)) args.push(`--${name}`, value);
    return args;
  }
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

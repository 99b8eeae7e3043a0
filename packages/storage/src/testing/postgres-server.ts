import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { type PostgresBinaries, unprivileged } from "./postgres-binaries.ts";

const USER = "headgate";
const START_TIMEOUT_MS = 30_000;

/** A PostgreSQL of the test's own: on a free port of the loopback, in a folder that goes with it. */
export class PostgresServer {
  readonly #binaries: PostgresBinaries;
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(binaries: PostgresBinaries, folder: string, port: number) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.#port = port;
  }

  static async start(binaries: PostgresBinaries): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), "headgate-postgres-"));
    const user = unprivileged();
    if (user) chownSync(folder, user.uid, user.gid);
    const data = join(folder, "data");
    const options = ["-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
    execFileSync(binaries.initdb, options, { ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    const server = new PostgresServer(binaries, folder, await freePort());
    await server.restart();
    return server;
  }

  /** Of the database that every server has. */
  get url(): string {
    return `postgres://${USER}@127.0.0.1:${this.#port}/postgres`;
  }

  /** Starts it again on what it has on disk. */
  async restart(): Promise<void> {
    await this.#end("SIGINT");
    const settings = [`port=${this.#port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on"];
    const log = openSync(join(this.#folder, "log"), "a");
    this.#process = spawn(
      this.#binaries.postgres,
      ["-D", join(this.#folder, "data"), ...settings.flatMap((setting) => ["-c", setting])],
      { ...unprivileged(), cwd: this.#folder, stdio: ["ignore", log, log] },
    );
    closeSync(log);
    process.once("exit", this.#killNow);
    await this.#untilReady();
  }

  /** Ends it as a crash does: without a checkpoint, and without a word to those connected. */
  async kill(): Promise<void> {
    await this.#end("SIGQUIT");
  }

  /** Ends it, and clears away what it kept. */
  async stop(): Promise<void> {
    await this.#end("SIGINT");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #killNow = (): void => {
    this.#process?.kill("SIGQUIT");
  };

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    process.off("exit", this.#killNow);
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  /** It takes connections some time after it has started, and tells nobody. */
  async #untilReady(): Promise<void> {
    const signal = AbortSignal.timeout(START_TIMEOUT_MS);
    while (!(await this.#answers())) {
      if (signal.aborted || this.#process?.exitCode !== null) {
        throw new Error(`PostgreSQL did not start:\n${readFileSync(join(this.#folder, "log"), "utf8")}`);
      }
    }
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 1_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end();
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

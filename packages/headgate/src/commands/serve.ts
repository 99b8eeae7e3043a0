import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { parseUpstream } from "@headgate/policy/upstream";
import { type Command, InvalidArgumentError } from "commander";
import { type AdminToken, isWeak } from "../admin-token.ts";
import { banner } from "../banner.ts";
import { type DataPlace, DEFAULT_FOLDER, dataPlace } from "../data-place.ts";
import { DEFAULT_POLICY, readGoodPolicy } from "../policy-file.ts";
import type { ExitCode } from "../run.ts";

interface ServeOptions {
  readonly port: number;
  readonly host?: string;
  readonly adminPort: number;
  readonly workers: number;
  readonly upstream?: URL;
  readonly data: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** How long requests in flight may take to finish once the process has been told to stop. */
const DRAIN_MS = 30_000;
const MOST_WORKERS = 256;

/** `headgate serve [policy.yaml]`: the gate, until SIGTERM. */
export function addServe(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command("serve")
    .description("enforce a policy in front of its upstream")
    .argument("[policy.yaml]", "without one: a default for trying things out")
    .option("--port <number>", "where callers connect; 0 for any free port", parsePort, 8080)
    .option("--host <address>", "the address to listen on; all of them unless given")
    .option(
      "--admin-port <number>",
      "the admin API and health checks, on 127.0.0.1 only; 0 for any free port",
      parsePort,
      8081,
    )
    .option("--workers <number>", "threads that accept connections", parseWorkers, availableParallelism())
    .option("--upstream <url>", "send requests here instead of to the policy's upstream", parseUrl)
    .option("--data <folder>", "where records are kept; made where it is not there", DEFAULT_FOLDER)
    .option("--json", "print what is listening as one line of JSON")
    .option("--quiet", "print nothing on standard output")
    .action(async (file: string | undefined, options: ServeOptions) => finish(await serve(file, options)));
}

async function serve(named: string | undefined, options: ServeOptions): Promise<ExitCode> {
  const file = named ?? DEFAULT_POLICY;
  const read = await readGoodPolicy(file);
  process.stderr.write(read.report);

  // Other commands start sooner without its code.
  const [{ createLog }, { startServing }, { watchPolicy }, { exampleKey }] = await Promise.all([
    import("../log.ts"),
    import("../serving.ts"),
    import("../watch-policy.ts"),
    import("../example-key.ts"),
  ]);
  const log = createLog();
  const data = dataPlace(options.data);
  const serving = await startServing({
    ...options,
    ...read,
    upstream: options.upstream,
    data,
    redisUrl: process.env.REDIS_URL || undefined,
    clock: Date.now,
    log,
  });
  if (isWeak(serving.adminToken)) log.warn("admin-token-weak", { advice: "set HEADGATE_ADMIN_TOKEN to a longer one" });
  const watch = await watchPolicy(read, { log, apply: (next) => serving.reload(next) });
  // From before anyone is told that it is open: whoever is may stop it at once.
  const stopped = stopSignal();
  if (!options.quiet) {
    const { gatewayUrl, adminUrl, upstream, adminToken: token, control } = serving;
    const listening = { policy: file, gateway: gatewayUrl, admin: adminUrl, upstream };
    // Other policies are somebody's own: nobody is let in there who was not asked for.
    const key = named === undefined ? await exampleKey(control, data.folder, Date.now()) : undefined;
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...listening, ...tokenFields(token), exampleKey: key })}\n`
        : banner(read.policy, listening, { token, records: recordsIn(data), key: key ?? `$(${keyCommandFor(data)})` }),
    );
  }

  const signal = await stopped;
  log.info("draining", { signal, policy: basename(file) });
  // First of all no more connections: whoever reads that line may count on it.
  const draining = serving.drain(DRAIN_MS);
  await watch.close();
  const drained = await draining;
  if (!drained) log.warn("drain-timeout", { afterMs: DRAIN_MS });
  return drained ? 0 : 1;
}

/** A token that was made just now is told, this once; of others, where they are. */
function tokenFields({ secret, file, isNew }: AdminToken): {
  adminToken?: string;
  adminTokenFile?: string | undefined;
} {
  return { ...(isNew && { adminToken: secret }), adminTokenFile: file };
}

function recordsIn({ folder, databaseUrl }: DataPlace): string {
  // The rest of the URL may hold a password.
  return databaseUrl === undefined ? folder : `PostgreSQL ${URL.parse(databaseUrl)?.host ?? ""}`.trim();
}

/** What makes a key for this gate, and prints nothing else; by npx, which finds the command in a clone and in a project. */
function keyCommandFor({ folder }: DataPlace): string {
  return `npx headgate keys create --quiet${folder === DEFAULT_FOLDER ? "" : ` --data ${folder}`}`;
}

/** The first SIGTERM or SIGINT. A second one ends the process at once, as it would any other. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      resolve(signal);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!/^\d{1,4}$/.test(text) || workers < 1 || workers > MOST_WORKERS) {
    throw new InvalidArgumentError(`Workers are a number from 1 to ${MOST_WORKERS}.`);
  }
  return workers;
}

function parseUrl(text: string): URL {
  const upstream = parseUpstream(text);
  if (upstream?.kind !== "http") {
    throw new InvalidArgumentError(
      "An upstream is a URL such as http://127.0.0.1:3000, without user, query or fragment.",
    );
  }
  return upstream.url;
}

import { basename } from "node:path";
import { upstreamUrl } from "@headgate/gateway";
import { parseUpstream } from "@headgate/policy";
import { type Command, InvalidArgumentError } from "commander";
import { banner } from "../banner.ts";
import { createLog } from "../log.ts";
import { DEFAULT_POLICY, formatProblems, readPolicy } from "../policy-file.ts";
import type { ExitCode } from "../run.ts";
import { startServing } from "../serving.ts";
import { watchPolicy } from "../watch-policy.ts";

interface ServeOptions {
  readonly port: number;
  readonly host?: string;
  readonly adminPort: number;
  readonly upstream?: URL;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** How long requests in flight may take to finish once the process has been told to stop. */
const DRAIN_MS = 30_000;

/** `headgate serve [policy.yaml]`: the gate, until SIGTERM. */
export function addServe(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command("serve")
    .description("enforce a policy in front of its upstream")
    .argument("[policy.yaml]", "without one: a default for trying things out")
    .option("--port <number>", "where callers connect; 0 for any free port", parsePort, 8080)
    .option("--host <address>", "the address to listen on; all of them unless given")
    .option("--admin-port <number>", "health checks, on 127.0.0.1 only; 0 for any free port", parsePort, 8081)
    .option("--upstream <url>", "send requests here instead of to the policy's upstream", parseUrl)
    .option("--data <folder>", "where data is kept; nothing is, so far", "./.headgate")
    .option("--json", "print what is listening as one line of JSON")
    .option("--quiet", "print nothing on standard output")
    .action(async (file: string | undefined, options: ServeOptions) =>
      finish(await serve(file ?? DEFAULT_POLICY, options)),
    );
}

async function serve(file: string, options: ServeOptions): Promise<ExitCode> {
  const read = await readPolicy(file);
  if (read.problems.length > 0) process.stderr.write(formatProblems(read));
  if (!read.policy) {
    process.stderr.write(`headgate: HG_POLICY_REFUSED ${file} has faults, so nothing was started\n`);
    return 2;
  }
  const upstream = upstreamUrl(read.policy, options.upstream);

  const log = createLog();
  const serving = await startServing({
    ...options,
    policy: read.policy,
    upstream: options.upstream,
    clock: Date.now,
    log,
  });
  const watch = await watchPolicy(read, { log, apply: (policy) => serving.gateway.reload(policy) });
  if (!options.quiet) {
    const listening = { policy: file, gateway: serving.gatewayUrl, admin: serving.adminUrl, upstream: upstream.href };
    process.stdout.write(options.json ? `${JSON.stringify(listening)}\n` : banner(read.policy, listening));
  }

  const signal = await stopSignal();
  log.info("draining", { signal, policy: basename(file) });
  await watch.close();
  const drained = await serving.drain(DRAIN_MS);
  if (!drained) log.warn("drain-timeout", { afterMs: DRAIN_MS });
  return drained ? 0 : 1;
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

function parseUrl(text: string): URL {
  const upstream = parseUpstream(text);
  if (upstream?.kind !== "http") {
    throw new InvalidArgumentError(
      "An upstream is a URL such as http://127.0.0.1:3000, without user, query or fragment.",
    );
  }
  return upstream.url;
}

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";

interface TrafficOptions {
  readonly rate?: string;
  readonly callers?: string;
  readonly for?: string;
  readonly seed?: string;
  readonly request?: readonly string[];
  readonly header?: readonly string[];
}

/** `headgate traffic SHAPE`: a log of traffic that nobody sent, for what has no log yet. */
export function addTraffic(program: Command): void {
  const repeated = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];
  program
    .command("traffic")
    .description("write a log of synthetic traffic, as `simulate` and `suggest` read it")
    .argument("<shape>", "steady, poisson, bursty, diurnal, retry-storm or abuser")
    .option("--rate <rate>", "of all callers together, such as 50/s or 600/m (default: 10/s)")
    .option("--callers <count>", "how many there are (default: 100)")
    .option("--for <time>", "how long it goes on, such as 1h (default: 1h)")
    .option("--seed <number>", "another number is other traffic of the same kind (default: 1)")
    .option("--request <'METHOD /path'>", "what is asked for; {id} becomes a number; repeat for more", repeated)
    .option("-H, --header <'name: value'>", "a request header; {caller} becomes a number; repeat for more", repeated)
    .action(async (shape: string, { request: requests, header: headers, ...options }: TrafficOptions) => {
      // Other commands start sooner without its code.
      const { parseTraffic, syntheticLog } = await import("@headgate/rehearse");
      const log = syntheticLog(parseTraffic({ shape, requests, headers, ...options }));
      await pipeline(Readable.from(log), process.stdout, { end: false }).catch(unlessOfOutput);
    });
}

/** What has become of standard output, all commands are told of alike. */
function unlessOfOutput(error: NodeJS.ErrnoException): void {
  if (error.syscall !== "write") throw error;
}

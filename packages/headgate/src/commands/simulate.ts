import { setFlagsFromString } from "node:v8";
import { HeadgateError } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import type { Comparison, LogReading, Rehearsal } from "@headgate/rehearse";
import { type Command, InvalidArgumentError } from "commander";
import { openDecisions } from "../decisions-file.ts";
import { addLogOptions, type LogOptions, MORE_LOGS, openLogs } from "../log-options.ts";
import { expectOutput, writeOutput } from "../output-file.ts";
import { parsePercentage } from "../percentage.ts";
import { readPolicy } from "../policy-file.ts";
import { showProgress } from "../progress.ts";
import type { ExitCode } from "../run.ts";

interface SimulateOptions extends LogOptions {
  readonly against?: string;
  readonly decisions?: string;
  readonly html?: string;
  readonly maxRefused?: number;
  readonly maxCallers?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Callers that a report names. */
const CALLERS_SHOWN = 20;
/** Callers that are looked at to tell two policies apart. */
const CALLERS_COMPARED = 10_000;

/** `headgate simulate policy.yaml --log FILE`: what the policy would have done to the requests of a log. */
export function addSimulate(program: Command, finish: (code: ExitCode) => void): void {
  addLogOptions(program.command("simulate"))
    .description("replay a log through a policy: whom would it have refused?")
    .argument("<policy.yaml>")
    .argument(...MORE_LOGS)
    .option("--against <policy.yaml>", "show the difference to this policy, caller by caller")
    .option(
      "--decisions <file>",
      "write what was decided of each request, as NDJSON; - prints it in the report's place",
    )
    .option("--html <file>", "write the report as a page of HTML")
    .option("--max-refused <percent>", "exit with 1 when more of the requests are refused", parsePercentage)
    .option("--max-callers <number>", "exit with 1 when more callers are refused", parseCount)
    .option("--json", "print the report as JSON")
    .option("--quiet", "print nothing but what is wrong with the log")
    .action(async (file: string, more: readonly string[], options: SimulateOptions) =>
      finish(await simulate(file, { ...withDecisionsPrinted(options), log: [...options.log, ...more] })),
    );
}

/** Where decisions are to be printed, the report is not. */
function withDecisionsPrinted(options: SimulateOptions): SimulateOptions {
  return options.decisions === "-" ? { ...options, decisions: "/dev/stdout", json: false, quiet: true } : options;
}

async function simulate(file: string, options: SimulateOptions): Promise<ExitCode> {
  // Next to nothing of what is made for a line is kept, but V8 would let its heap grow to several times of what is in it: a
  // third more memory in all (bench/simulate.ts).
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=40");
  const policies: Policy[] = [];
  const files = options.against === undefined ? [file] : [file, options.against];
  for (const name of files) {
    const read = await readPolicy(name);
    if (!read.policy) {
      process.stderr.write(read.report);
      return 2;
    }
    policies.push(read.policy);
  }
  for (const output of [options.decisions, options.html]) await expectOutput(output, [...files, ...options.log]);
  // Of the headers only those that a policy looks at: making texts of the others would cost more than deciding.
  const reading = await openLogs(options, new Set(policies.flatMap(({ headersRead }) => [...headersRead])));
  const [rehearsal, before] = await replay(policies, reading, options);
  const { compare } = await import("@headgate/rehearse");
  const comparison = before && compare(before, rehearsal as Rehearsal);
  await report(shown(rehearsal as Rehearsal), comparison, { before: options.against ?? "", after: file }, options);
  return verdict(rehearsal as Rehearsal, options);
}

async function replay(
  policies: readonly Policy[],
  reading: LogReading,
  { log, decisions, quiet }: SimulateOptions,
): Promise<readonly Rehearsal[]> {
  const { rehearse } = await import("@headgate/rehearse");
  const file = decisions === undefined ? undefined : await openDecisions(decisions);
  const stopProgress = quiet ? () => {} : showProgress(log, () => reading.bytesRead);
  try {
    return await rehearse(policies, reading, {
      topCallers: policies.length > 1 ? CALLERS_COMPARED : CALLERS_SHOWN,
      onDecided: file && ((decided) => file.write(decided)),
    });
  } finally {
    stopProgress();
    await file?.close();
  }
}

async function report(
  rehearsal: Rehearsal,
  comparison: Comparison | undefined,
  names: { readonly before: string; readonly after: string },
  { html, json, quiet }: SimulateOptions,
): Promise<void> {
  const { formatComparison, formatLog, formatReport, htmlReport } = await import("@headgate/rehearse");
  if (html !== undefined) await writeOutput(html, htmlReport(rehearsal, comparison && { comparison, names }));
  if (quiet) process.stderr.write(formatLog(rehearsal.log));
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...rehearsal, ...(comparison && againstJson(comparison)) }, null, 2)}\n`);
  } else if (!quiet) {
    const { columns = 80 } = process.stdout;
    const colour = process.stdout.isTTY && process.stdout.hasColors();
    process.stdout.write(formatReport(rehearsal, { columns, colour }));
    if (comparison) process.stdout.write(`\n${formatComparison(comparison, names, { colour })}`);
  }
}

/** What `--against` adds to the JSON of a report: the other policy's, and how they differ. */
function againstJson({ before, after: _, ...difference }: Comparison): {
  readonly against: Rehearsal;
  readonly difference: Omit<Comparison, "before" | "after">;
} {
  return { against: shown(before), difference };
}

function shown(rehearsal: Rehearsal): Rehearsal {
  return { ...rehearsal, callers: rehearsal.callers.slice(0, CALLERS_SHOWN) };
}

/** Whether the policy refuses no more than it may. Throws `HG_LOG_EMPTY` where there was nothing to tell it by. */
function verdict({ requests, refused, callersRefused, log }: Rehearsal, options: SimulateOptions): ExitCode {
  const { maxRefused, maxCallers } = options;
  if (maxRefused === undefined && maxCallers === undefined) return 0;
  if (requests === 0) {
    throw new HeadgateError("HG_LOG_EMPTY", `${log.files.join(", ")}: no request to tell by what would be refused`);
  }
  const faults: string[] = [];
  if (maxRefused !== undefined && refused / requests > maxRefused) {
    faults.push(`${refused} of ${requests} requests would be refused, more than --max-refused allows`);
  }
  const callers = callersRefused.count;
  if (maxCallers !== undefined && callers > maxCallers) {
    faults.push(`${callers} ${callers === 1 ? "caller" : "callers"} would be refused, more than --max-callers allows`);
  }
  for (const fault of faults) process.stderr.write(`headgate: ${fault}\n`);
  return faults.length > 0 ? 1 : 0;
}

function parseCount(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("It is a whole number.");
  return Number(text);
}

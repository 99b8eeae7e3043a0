import { setFlagsFromString } from "node:v8";
import { HeadgateError } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import type { Comparison, LogReading, Rehearsal, Report } from "@headgate/rehearse";
import { type Command, InvalidArgumentError } from "commander";
import { openDecisions } from "../decisions-file.ts";
import { addLogOptions, type LogOptions, MORE_LOGS, openLogs } from "../log-options.ts";
import { expectOutputs, STANDARD, writeOutput } from "../output-file.ts";
import { parsePercentage } from "../percentage.ts";
import { readGoodPolicy } from "../policy-file.ts";
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
    .option("--html <file>", "write the report as a page of HTML; - prints it in the report's place")
    .option("--max-refused <percent>", "exit with 1 when more of the requests are refused", parsePercentage)
    .option("--max-callers <number>", "exit with 1 when more callers are refused", parseCount)
    .option("--json", "print the report as JSON")
    .option("--quiet", "print nothing but what is wrong with the log")
    .action(async (file: string, more: readonly string[], options: SimulateOptions) =>
      finish(await simulate(file, { ...withoutReport(options), log: [...options.log, ...more] })),
    );
}

/** Where something else is to be printed, the report is not. */
function withoutReport(options: SimulateOptions): SimulateOptions {
  const isOtherPrinted = options.decisions === STANDARD || options.html === STANDARD;
  return isOtherPrinted ? { ...options, json: false, quiet: true } : options;
}

async function simulate(file: string, options: SimulateOptions): Promise<ExitCode> {
  // Next to nothing of what is made for a line is kept, but V8 would let its heap grow to several times of what is in it: a
  // third more memory in all (bench/simulate.ts).
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=40");
  const policies: Policy[] = [];
  const files = options.against === undefined ? [file] : [file, options.against];
  for (const name of files) {
    policies.push((await readGoodPolicy(name)).policy);
  }
  await expectOutputs([options.decisions, options.html], [...files, ...options.log]);
  // Of the headers only those that a policy looks at: making texts of the others would cost more than deciding.
  const reading = await openLogs(options, new Set(policies.flatMap(({ headersRead }) => [...headersRead])));
  const [after, before] = await replay(policies, reading, options);
  const rehearsal = after as Rehearsal;
  const { compare } = await import("@headgate/rehearse");
  const against = before && { policy: options.against as string, comparison: compare(before, rehearsal) };
  await publish({ policy: file, rehearsal: shown(rehearsal), against }, options);
  return verdict(rehearsal, options);
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
      decisions: file,
    });
  } finally {
    stopProgress();
    await file?.close();
  }
}

async function publish(report: Report, { html, json, quiet }: SimulateOptions): Promise<void> {
  const { rehearsal, against } = report;
  const { formatLog, formatReport, htmlReport } = await import("@headgate/rehearse");
  if (html !== undefined) await writeOutput(html, htmlReport(report));
  // The report says it, too; but what reads its JSON may take zeros for good news.
  if (quiet || (json && rehearsal.requests === 0)) process.stderr.write(formatLog(rehearsal.log));
  if (json) {
    const difference = against && againstJson(against.comparison);
    process.stdout.write(`${JSON.stringify({ ...rehearsal, ...difference }, null, 2)}\n`);
  } else if (!quiet) {
    const { columns = 80 } = process.stdout;
    const colour = process.stdout.isTTY && process.stdout.hasColors();
    process.stdout.write(formatReport(report, { columns, colour }));
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

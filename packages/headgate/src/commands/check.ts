import type { Command } from "commander";
import { readPolicy } from "../policy-file.ts";
import type { ExitCode } from "../run.ts";

/** `headgate check policy.yaml`: exit 0 when clean, 1 when something is legal but likely wrong, 2 on faults. */
export function addCheck(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command("check")
    .description("validate and lint a policy file; exit 0 clean, 1 lints, 2 faults")
    .argument("<policy.yaml>")
    .option("--json", "print the problems as JSON")
    .option("--quiet", "print nothing but problems")
    .action(async (file: string, options: { json?: boolean; quiet?: boolean }) => {
      const read = await readPolicy(file);
      const { policy, problems } = read;
      if (options.json)
        process.stdout.write(`${JSON.stringify({ file, ok: policy !== undefined, problems }, null, 2)}\n`);
      else process.stdout.write(read.report);
      if (policy && problems.length === 0 && !options.json && !options.quiet) {
        const count = policy.limits.length + policy.bodyCaps.length;
        process.stdout.write(`${file}: good, ${count} ${count === 1 ? "limit" : "limits"}\n`);
      }
      finish(policy === undefined ? 2 : problems.length > 0 ? 1 : 0);
    });
}

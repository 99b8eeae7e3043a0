import { run } from "headgate";

/** Runs the command that the arguments are, and says on standard error how much memory was resident at most, in MB. */
process.exitCode = await run(process.argv.slice(2));
process.stderr.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));

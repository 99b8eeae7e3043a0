import { temporaryFolder } from "../temporary-folder.ts";
import { type Finished, headgateWith } from "./headgate.ts";

/** A record as `--json` prints it. */
export type Json = Readonly<Record<string, unknown>>;

/** `headgate`, always on the same data folder. */
export interface OnFolder {
  readonly folder: string;
  run(...args: string[]): Promise<Finished>;
  /** What `--json` prints. Throws where the command does not end in 0. */
  json<Result = Json>(...args: string[]): Promise<Result>;
  /** The lines that `--quiet` prints. Throws as `json` does. */
  quiet(...args: string[]): Promise<string[]>;
}

/** On a new folder unless one is given, with these variables in the environment. */
export async function onFolder(given?: string, environment: NodeJS.ProcessEnv = {}): Promise<OnFolder> {
  const folder = given ?? (await temporaryFolder());
  const run = (...args: string[]): Promise<Finished> => headgateWith(environment, ...args, "--data", folder);
  const good = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(...args);
    if (exitCode !== 0) throw new Error(`headgate ${args.join(" ")} ended with ${exitCode}:\n${stderr}`);
    return stdout;
  };
  return {
    folder,
    run,
    json: async (...args) => JSON.parse(await good(...args, "--json")),
    quiet: async (...args) => (await good(...args, "--quiet")).split("\n").slice(0, -1),
  };
}

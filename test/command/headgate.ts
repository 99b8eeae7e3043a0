import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

/** What a command that ends by itself left behind. */
export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `headgate` to its end, from a folder that is not the clone. */
export function headgate(...args: string[]): Promise<Finished> {
  return headgateWith({}, ...args);
}

/** The same, with these variables in its environment; what this process has of Headgate's own is left out. */
export function headgateWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Finished> {
  const bin = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));
  const env = {
    ...process.env,
    NO_COLOR: "1",
    DATABASE_URL: "",
    REDIS_URL: "",
    HEADGATE_ADMIN_TOKEN: "",
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(bin, args, { cwd: tmpdir(), env }, (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { run } from "headgate";

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

/**
 * The same, with these variables in its environment; what this process has of Headgate's own is left out. It runs within
 * this process, which saves the most part of its time; but `serve` has one of its own, for its signals and its log.
 */
export function headgateWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Finished> {
  if (args[0] === "serve") return headgateProcess(environment, ...args);
  const turn = lastTurn.then(() => headgateWithin(environment, args));
  lastTurn = turn.catch(() => {});
  return turn;
}

/** The same, in a process of its own, as a shell starts it. */
export function headgateProcess(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Finished> {
  const bin = fileURLToPath(new URL("../../node_modules/.bin/headgate", import.meta.url));
  const env = { ...process.env, ...NOTHING_OF_OURS, ...environment };
  return new Promise((resolve) => {
    execFile(bin, args, { cwd: tmpdir(), env }, (error, stdout, stderr) => {
      resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

const NOTHING_OF_OURS = { NO_COLOR: "1", DATABASE_URL: "", REDIS_URL: "", HEADGATE_ADMIN_TOKEN: "" };

/** Outputs, environment and folder are the process's: one command at a time has them. */
let lastTurn: Promise<unknown> = Promise.resolve();

async function headgateWithin(environment: NodeJS.ProcessEnv, args: readonly string[]): Promise<Finished> {
  const [stdout, stderr] = [new Output(), new Output()];
  using borrowed = new DisposableStack();
  for (const [name, output] of Object.entries({ stdout, stderr })) {
    const own = Object.getOwnPropertyDescriptor(process, name) as PropertyDescriptor;
    borrowed.defer(() => Object.defineProperty(process, name, own));
    Object.defineProperty(process, name, { configurable: true, value: output });
  }
  const [folder, env] = [process.cwd(), process.env];
  borrowed.defer(() => process.chdir(folder));
  process.chdir(tmpdir());
  borrowed.defer(() => {
    process.env = env;
  });
  process.env = { ...env, ...NOTHING_OF_OURS, ...environment };
  return { exitCode: await run(args), stdout: stdout.text, stderr: stderr.text };
}

/** Stands for standard output: no terminal. */
class Output extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}

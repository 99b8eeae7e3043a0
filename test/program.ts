import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A program that runs until it ends by itself, or with the test. */
export interface Running {
  /** All that it has written so far, to standard output and standard error. */
  output(): string;
  readonly finished: Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Python as the system has it, with its packages, whatever else is on the path. */
export const PYTHON = "/usr/bin/python3";

/** Starts a program, with these variables besides those of this process. Loopback is reached without a proxy. */
export function startProgram(
  command: string,
  args: readonly string[],
  { environment = {}, cwd }: { readonly environment?: NodeJS.ProcessEnv; readonly cwd?: URL } = {},
): Running {
  const env = { ...process.env, no_proxy: "*", PYTHONUNBUFFERED: "1", ...environment };
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env, ...(cwd && { cwd }) });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  return { output: () => output, finished: endOf(child) };
}

async function endOf(child: ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }) {
  const [[exitCode], stdout, stderr] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exitCode: exitCode as number | null, stdout, stderr };
}

/** Whether such a command ends well on this machine. Where it does not, a line says what is skipped for that. */
export function canRun(command: string, args: readonly string[], otherwise: string): boolean {
  const isThere = spawnSync(command, args, { stdio: "ignore" }).status === 0;
  if (!isThere) console.warn(otherwise);
  return isThere;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const SCRIPT = fileURLToPath(new URL("./owner-process.ts", import.meta.url));

/** Another process that has a data folder open, and what it has told. */
export interface Owner {
  readonly pid: number;
  /** The pairs that it was told are kept. */
  readonly acknowledged: readonly string[];
  /** Resolves when so many pairs are. */
  untilAcknowledged(count: number): Promise<void>;
  /** As `kill -9` does. */
  kill(): Promise<void>;
}

/** Starts a process that opens the folder, and writes with so many transactions in flight. Rejects where it cannot. */
export async function startOwner(folder: string, inFlight = 0): Promise<Owner> {
  const child = spawn(process.execPath, [SCRIPT, folder, String(inFlight)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);

  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const closed = once(lines, "close");
  const [first] = await Promise.race([once(lines, "line"), closed]);
  if (first !== "open") throw new Error(`another process was refused: ${first}`);
  const waiting = new Set<() => void>();
  lines.on("line", (id) => {
    acknowledged.push(id);
    for (const look of waiting) look();
  });
  return {
    pid: child.pid ?? 0,
    acknowledged,
    untilAcknowledged: (count) =>
      new Promise((resolve) => {
        waiting.add(() => {
          if (acknowledged.length >= count) resolve();
        });
      }),
    async kill() {
      await kill();
      await closed;
    },
  };
}

import { statSync } from "node:fs";

const REDRAW_MS = 100;
const WIDTH = 30;

/**
 * Shows on a terminal how far reading files has come, until it is told to stop: a bar, or where the size of one is not
 * known, as of standard input, what was read. Shows nothing where standard error is no terminal.
 */
export function showProgress(files: readonly string[], bytesRead: () => number): () => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const total = sizeOf(files);
  const timer = setInterval(() => stderr.write(`\r${progressLine(bytesRead(), total)}`), REDRAW_MS);
  return () => {
    clearInterval(timer);
    stderr.clearLine(0);
    stderr.cursorTo(0);
  };
}

/** `total` is undefined where it is not known. */
function progressLine(bytes: number, total: number | undefined): string {
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`;
  if (total === undefined) return megabytes;
  const part = total === 0 ? 1 : Math.min(1, bytes / total);
  const filled = Math.round(part * WIDTH);
  return `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${String(Math.floor(part * 100)).padStart(3)} % ${megabytes}`;
}

function sizeOf(files: readonly string[]): number | undefined {
  let total = 0;
  for (const file of files) {
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats?.isFile()) return undefined;
    total += stats.size;
  }
  return total;
}

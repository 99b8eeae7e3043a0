import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { callerKeys } from "./keys.ts";
import { peers } from "./peers.ts";

/**
 * Bytes that a store takes for each of a million callers: heap, external and shared memory after they have all been seen
 * once, less what was there before. Each store in a process of its own.
 */
const CALLERS = 1_000_000;
const candidate = process.argv[2];

if (candidate === undefined) {
  console.log("bytes a caller at a million callers");
  for (const { name } of peers(["one"])) {
    const child = fork(fileURLToPath(import.meta.url), [name], { execArgv: ["--expose-gc"] });
    await new Promise((resolve) => child.once("exit", resolve));
  }
  process.exit(0);
}

const keys = callerKeys(CALLERS);
const before = await settled();
const store = peers(keys).find(({ name }) => name === candidate);
if (!store) throw new Error(`no such candidate: ${candidate}`);
await store.run(CALLERS);
const after = await settled();
console.log(`${candidate.padEnd(24)} ${((after - before + (store.sharedBytes ?? 0)) / CALLERS).toFixed(1)}`);
// The store must live until here, or there would be nothing to measure.
await store.run(1);
process.exit(0);

/** Bytes in use when garbage is gone. */
async function settled(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

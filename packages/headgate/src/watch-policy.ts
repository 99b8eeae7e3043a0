import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { GatewayLog } from "@headgate/gateway";
import { watch } from "chokidar";
import type { PolicyInForce } from "./gates.ts";
import { type ReadPolicy, readPolicy } from "./policy-file.ts";

export interface PolicyWatch {
  close(): Promise<void>;
}

/** How long a file must have been still before it is read: editors write in several steps. */
const SETTLE_MS = 50;
const POLL_MS = 200;
const KEPT = "the policy that was in force";

/**
 * Reads the policy again when its file changes, or one that it names, and on SIGHUP. One that has faults, or is gone, is
 * reported, and the old one stays. Resolves when no edit can be missed any more, from the one that came right after
 * `inForce` was read.
 */
export async function watchPolicy(
  inForce: ReadPolicy,
  { log, apply }: { readonly log: GatewayLog; readonly apply: (next: PolicyInForce) => Promise<void> },
): Promise<PolicyWatch> {
  const { file } = inForce;
  let isMissing = false;
  let { text, beside } = inForce;
  let pending: NodeJS.Timeout | undefined;
  /** Edits are applied one after the other, in the order they came. */
  let reloads = Promise.resolve();

  const reload = async (isForced: boolean): Promise<void> => {
    try {
      const read = await readStill(file).catch(missing);
      const wasMissing = isMissing;
      isMissing = read === undefined;
      if (isMissing && (isForced || !wasMissing)) log.warn("policy-missing", { file, kept: KEPT });
      if (!read) return;
      if (wasMissing) log.info("policy-back", { file });
      if (isSame(read, { text, beside }) && !isForced) return;
      ({ text, beside } = read);
      watcher.add(Object.keys(beside));
      for (const { severity, line, column, code, message } of read.problems) {
        log[severity === "fault" ? "error" : "warn"]("policy-problem", { file, line, column, code, message });
      }
      const { policy } = read;
      if (!policy) throw new Error("it has faults");
      await apply({ ...read, policy });
      log.info("policy-reloaded", { file, limits: policy.limits.length });
    } catch (error) {
      log.error("policy-refused", { file, reason: (error as Error).message, kept: KEPT });
    }
  };
  const reloadSoon = (isForced: boolean): void => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      reloads = reloads.then(() => reload(isForced));
    }, SETTLE_MS);
  };
  const onEdit = (): void => reloadSoon(false);
  const onHangup = (): void => reloadSoon(true);

  // By looking, not by being told: that sees through links that are swapped somewhere along the path.
  const watcher = watch([file, ...Object.keys(beside)], { ignoreInitial: true, usePolling: true, interval: POLL_MS })
    .on("add", onEdit)
    .on("change", onEdit)
    .on("unlink", onEdit);
  process.on("SIGHUP", onHangup);
  await once(watcher, "ready");
  onEdit();
  return {
    async close() {
      clearTimeout(pending);
      process.off("SIGHUP", onHangup);
      await watcher.close();
      await reloads;
    },
  };
}

/** Undefined where the file is not there; rethrows what else keeps it from being read. */
function missing(error: Error): undefined {
  if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== "ENOENT") throw error;
}

/**
 * The file, once it reads alike twice in a row. One that is amid being written is cut short, and may look as old when it is
 * whole: a file's time moves on every few ms only.
 */
async function readStill(file: string): Promise<ReadPolicy> {
  let read = await readPolicy(file);
  for (;;) {
    await delay(SETTLE_MS);
    const again = await readPolicy(file);
    if (isSame(again, read)) return again;
    read = again;
  }
}

/** Whether a policy reads alike, and what it names. */
function isSame(a: Pick<ReadPolicy, "text" | "beside">, b: Pick<ReadPolicy, "text" | "beside">): boolean {
  return a.text === b.text && isDeepStrictEqual(a.beside, b.beside);
}

import type { GatewayLog } from "@headgate/gateway";
import type { Policy } from "@headgate/policy";
import { watch } from "chokidar";
import { readPolicy } from "./policy-file.ts";

export interface PolicyWatch {
  close(): Promise<void>;
}

/** How long a file must have been still before it is read: editors write in several steps. */
const SETTLE_MS = 50;

/** Reads the policy again when its file changes and on SIGHUP. One that has faults is reported, and the old one stays. */
export function watchPolicy(
  file: string,
  { log, apply }: { readonly log: GatewayLog; readonly apply: (policy: Policy) => void },
): PolicyWatch {
  let pending: NodeJS.Timeout | undefined;

  const reload = async (): Promise<void> => {
    try {
      const { policy, problems } = await readPolicy(file);
      for (const { severity, line, column, code, message } of problems) {
        log[severity === "fault" ? "error" : "warn"]("policy-problem", { file, line, column, code, message });
      }
      if (policy) {
        apply(policy);
        log.info("policy-reloaded", { file, limits: policy.limits.length });
      } else {
        log.error("policy-refused", { file, kept: "the policy that was in force" });
      }
    } catch (error) {
      log.error("policy-refused", { file, reason: String(error), kept: "the policy that was in force" });
    }
  };
  const reloadSoon = (): void => {
    clearTimeout(pending);
    pending = setTimeout(() => void reload(), SETTLE_MS);
  };

  const watcher = watch(file, { ignoreInitial: true }).on("add", reloadSoon).on("change", reloadSoon);
  process.on("SIGHUP", reloadSoon);
  return {
    async close() {
      clearTimeout(pending);
      process.off("SIGHUP", reloadSoon);
      await watcher.close();
    },
  };
}

import type { Decision } from "@headgate/core";
import type { GatewayLog } from "./gateway-log.ts";

/** How often a shadow limit is heard of, at most. */
const EVERY_MS = 60_000;

/**
 * Tells the log what shadow limits would have refused: the first time at once, then their count once a minute. Not a
 * line for each request, or whoever is over such a limit could fill the disk.
 */
export class ShadowReport {
  readonly #log: GatewayLog;
  readonly #unreported = new Map<string, { count: number; reportedAt: number }>();

  constructor(log: GatewayLog) {
    this.#log = log;
  }

  /** Takes note of a decision; `now` is epoch ms. */
  note(decision: Decision, now: number): void {
    for (const { limit, admitted } of decision.verdicts) {
      if (limit.isShadow && !admitted) this.#count(limit.name, now);
    }
  }

  #count(limit: string, now: number): void {
    let entry = this.#unreported.get(limit);
    if (!entry) {
      entry = { count: 0, reportedAt: Number.NEGATIVE_INFINITY };
      this.#unreported.set(limit, entry);
    }
    entry.count += 1;
    if (now - entry.reportedAt < EVERY_MS) return;
    this.#log.info("shadow-refusals", { limit, requests: entry.count });
    entry.count = 0;
    entry.reportedAt = now;
  }
}

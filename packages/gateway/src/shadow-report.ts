import type { DecisionCounts } from "./decision-counts.ts";
import type { GatewayLog } from "./gateway-log.ts";

/** How often a shadow limit is heard of, at most. */
const EVERY_MS = 60_000;

/**
 * Tells the log what shadow limits would have refused: the first time at once, then their count once a minute. Not a
 * line for each request, or whoever is over such a limit could fill the disk.
 */
export class ShadowReport {
  readonly #log: GatewayLog;
  /** Requests by limit. */
  readonly #unreported = new Map<string, number>();
  /** By limits that were reported within the last minute. */
  readonly #pauses = new Map<string, NodeJS.Timeout>();

  constructor(log: GatewayLog) {
    this.#log = log;
  }

  /** Takes note of what was decided by all threads. */
  note({ limits }: DecisionCounts): void {
    for (const [limit, { "shadow-refused": requests }] of limits) {
      if (requests === 0) continue;
      this.#unreported.set(limit, (this.#unreported.get(limit) ?? 0) + requests);
      if (!this.#pauses.has(limit)) this.#report(limit);
    }
  }

  /** Reports what has not been reported yet: the policy has changed, or the gate closes. */
  flush(): void {
    for (const pause of this.#pauses.values()) clearTimeout(pause);
    this.#pauses.clear();
    for (const [limit, requests] of this.#unreported) this.#log.info("shadow-refusals", { limit, requests });
    this.#unreported.clear();
  }

  #report(limit: string): void {
    this.#pauses.delete(limit);
    const requests = this.#unreported.get(limit);
    if (requests === undefined) return;
    this.#unreported.delete(limit);
    this.#log.info("shadow-refusals", { limit, requests });
    this.#pauses.set(limit, setTimeout(() => this.#report(limit), EVERY_MS).unref());
  }
}

import type { Verdict } from "@headgate/core";
import type { Ruling } from "@headgate/policy";
import { ToldNotices } from "./told-notices.ts";

/** An account comes near the end of a quota, or was refused for it. */
export interface LimitNotice {
  readonly type: "limit.approaching" | "limit.exceeded";
  readonly accountId: string;
  /** The limit's name. */
  readonly limit: string;
  readonly quota: number;
  /** Units taken, of the request's own among them. */
  readonly used: number;
  /** Below zero where more was taken than there is. */
  readonly remaining: number;
  /** Epoch ms when all of the quota is there again if nobody comes. */
  readonly resetAt: number;
  /** Epoch ms. */
  readonly now: number;
}

/** For how long a notice need not be given again. */
export interface NoticeTerm {
  /** Tells one notice from others: of this type, limit, partition and account. */
  readonly key: string;
  /** Epoch ms. */
  readonly until: number;
}

/** Hears of accounts at their limits; see `GatewayOptions.onLimit`. */
export type OnLimit = (notice: LimitNotice, term: NoticeTerm) => void;

/** How much of a limit is used when its end is near. */
const APPROACHING_PERCENT = 80;
/** Requests in flight have no window: this is how often they are spoken of, at most. */
const IN_FLIGHT_EVERY_MS = 60_000;
/**
 * Tells which accounts come near their limits or over them, once a window: for each limit, partition and account, until
 * what was told has been reset. Limits of one name are one here, as they are to whoever hears of them. What is remembered
 * is this process's own and bounded: several processes, or very many accounts at their limits, may lead to the same
 * notice again.
 */
export class LimitWatch {
  readonly #onLimit: OnLimit;
  readonly #told = new ToldNotices();

  constructor(onLimit: OnLimit) {
    this.#onLimit = onLimit;
  }

  /**
   * Takes note of what was decided for an account; strangers have none, and nobody to tell. Decided without the store it
   * says nothing of what an account has used.
   */
  note({ match, decision, decidedAt }: Ruling, accountId: string | undefined): void {
    if (accountId === undefined || decision.reason === "store-error") return;
    const { verdicts } = decision;
    for (let i = 0; i < verdicts.length; i++) {
      const verdict = verdicts[i] as Verdict;
      const isNear = verdict.used * 100 >= verdict.limit.capacity * APPROACHING_PERCENT;
      // A cost that no waiting admits says nothing of what was used.
      const isOver = !verdict.admitted && Number.isFinite(verdict.retryAfterMs);
      if ((!isNear && !isOver) || verdict.limit.isShadow) continue;
      const partition = match.applications[i]?.partition ?? "";
      if (isNear) this.#tell("limit.approaching", verdict, partition, accountId, decidedAt);
      if (isOver) this.#tell("limit.exceeded", verdict, partition, accountId, decidedAt);
    }
  }

  #tell(type: LimitNotice["type"], verdict: Verdict, partition: string, accountId: string, now: number): void {
    const { limit, used, remaining, resetMs } = verdict;
    const key = `${type} ${limit.name} ${accountId} ${partition}`;
    const term = { key, until: now + (limit.algorithm === "concurrency" ? IN_FLIGHT_EVERY_MS : resetMs) };
    if (!this.#told.isNew(term, now)) return;
    const resetAt = now + resetMs;
    this.#onLimit({ type, accountId, limit: limit.name, quota: limit.quota, used, remaining, resetAt, now }, term);
  }
}

import { HeadgateError } from "@headgate/core";
import type { Link } from "../link.ts";
import type { Script } from "../script.ts";
import { Breaker, type CallOutcome } from "./breaker.ts";
import { withinBudget } from "./budget.ts";
import { type GuardLog, Outage } from "./outage.ts";

/** How a link is guarded. */
export interface GuardOptions {
  /** How long a call may take. */
  readonly budgetMs: number;
  /** Ms that never go back, such as `performance.now()`. */
  readonly clock: () => number;
  /** Hears when the store begins to fail, and when it is back. */
  readonly log: GuardLog;
  /** From 0 on and below 1; for tests. */
  readonly random?: () => number;
}

/** What a guard has seen since it was made. */
export interface GuardNumbers {
  /** Whether calls go through. */
  readonly isUp: boolean;
  /** All that were asked for, those that did not go through among them. */
  readonly calls: number;
  /** Those that failed, by the error's code. */
  readonly failures: Readonly<Record<string, number>>;
}

/**
 * A link on which nobody waits long: a call that takes more than its budget is rejected with `HG_STORE_TIMEOUT`, and
 * while the store fails, calls are rejected at once with `HG_STORE_AWAY`.
 */
export class GuardedLink implements Link {
  readonly hasSlots: boolean;
  readonly #link: Link;
  readonly #budgetMs: number;
  readonly #clock: () => number;
  readonly #log: GuardLog;
  readonly #breaker: Breaker;
  readonly #failures = new Map<string, number>();
  #calls = 0;
  #outage: Outage | undefined;

  constructor(link: Link, { budgetMs, clock, log, random }: GuardOptions) {
    this.hasSlots = link.hasSlots;
    this.#link = link;
    this.#budgetMs = budgetMs;
    this.#clock = clock;
    this.#log = log;
    this.#breaker = new Breaker(random);
  }

  get numbers(): GuardNumbers {
    return { isUp: !this.#outage, calls: this.#calls, failures: Object.fromEntries(this.#failures) };
  }

  slotOf(key: string): number {
    return this.#link.slotOf(key);
  }

  async run(script: Script, keys: readonly string[], argument: Buffer): Promise<Buffer> {
    this.#calls += 1;
    const pass = this.#breaker.enter(this.#clock());
    if (pass === undefined) throw this.#failed((this.#outage as Outage).error);
    try {
      const answer = await withinBudget(this.#link.run(script, keys, argument), this.#budgetMs);
      this.#leave(pass, "success", undefined);
      return answer;
    } catch (error) {
      // Of a Cluster's servers the others may well be there.
      const isLost = codeOf(error) === "HG_REDIS_UNREACHABLE" && !this.hasSlots;
      this.#failed(error);
      this.#leave(pass, isLost ? "lost" : "failure", error);
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #leave(pass: number, outcome: CallOutcome, error: unknown): void {
    const now = this.#clock();
    this.#breaker.leave(pass, outcome, now);
    if (this.#breaker.state === "open") {
      this.#outage ??= new Outage(error, now, this.#log);
    } else if (this.#breaker.state === "closed") {
      this.#outage?.end(now);
      this.#outage = undefined;
    }
  }

  /** Counts a failure. */
  #failed(error: unknown): unknown {
    const code = codeOf(error);
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
    this.#outage?.count();
    return error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof HeadgateError ? error.code : "unknown";
}

import { HeadgateError } from "@headgate/core";

/** Where it is told; a gateway's log fits. */
export interface GuardLog {
  info(event: string, fields: Readonly<Record<string, string | number>>): void;
  warn(event: string, fields: Readonly<Record<string, string | number>>): void;
}

/** A time in which the store is not asked: the log hears of its beginning and its end, once each. */
export class Outage {
  /** What calls are rejected with meanwhile. One for all: there may be many. */
  readonly error: HeadgateError;
  readonly #reason: string;
  readonly #since: number;
  readonly #log: GuardLog;
  /** The call that it began with is one. */
  #failedCalls = 1;

  /** `cause` is what the last call failed with. Times are ms that never go back. */
  constructor(cause: unknown, now: number, log: GuardLog) {
    this.#reason = cause instanceof HeadgateError ? `${cause.code} ${cause.message}` : String(cause);
    this.error = new HeadgateError("HG_STORE_AWAY", `the store has failed and is not asked: ${this.#reason}`, {
      cause,
    });
    this.#since = now;
    this.#log = log;
    log.warn("store-failing", { reason: this.#reason });
  }

  /** Takes note of one more call that has failed. */
  count(): void {
    this.#failedCalls += 1;
  }

  end(now: number): void {
    const forMs = Math.round(now - this.#since);
    this.#log.info("store-recovered", { failedCalls: this.#failedCalls, forMs, reason: this.#reason });
  }
}

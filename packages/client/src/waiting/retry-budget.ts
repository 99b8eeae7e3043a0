/** How many retries an API's host may be sent that it has not asked for. */
export interface RetryBudgetOptions {
  /** Retries before any call has succeeded, and the most that are ever saved up. Default: 50. */
  readonly retries?: number;
  /** Successful calls that earn one more. Default: 10. */
  readonly successesPerRetry?: number;
}

/**
 * Keeps an outage from being doubled by retries: once the budget is spent, there is one retry for every few successes,
 * and none while there are no successes. Whole numbers: a success is the unit.
 */
export class RetryBudget {
  readonly #most: number;
  readonly #price: number;
  #saved: number;

  constructor({ retries = 50, successesPerRetry = 10 }: RetryBudgetOptions = {}) {
    this.#price = Math.max(1, successesPerRetry);
    this.#most = retries * this.#price;
    this.#saved = this.#most;
  }

  /** A call has succeeded. */
  earn(): void {
    if (this.#saved < this.#most) this.#saved++;
  }

  /** Takes one retry out of it: whether there was one. */
  spend(): boolean {
    if (this.#saved < this.#price) return false;
    this.#saved -= this.#price;
    return true;
  }
}

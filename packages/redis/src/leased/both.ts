import type { Charge, Claim, Store, Verdict } from "@headgate/core";
import { isLeasable } from "./lease.ts";
import type { Leases } from "./leases.ts";

/**
 * A request whose claims are in both places: some are leased, others can only be asked for. All or nothing is kept by
 * taking what is leased first, and giving it back if the others deny. Meanwhile somebody may see less than there is.
 */
export class Both {
  readonly #leases: Leases;
  readonly #exact: Store;
  readonly #isLeased: readonly boolean[];
  readonly #leased: readonly Claim[];
  readonly #others: readonly Claim[];

  constructor(leases: Leases, exact: Store, claims: readonly Claim[]) {
    this.#leases = leases;
    this.#exact = exact;
    this.#isLeased = claims.map(({ limit }) => isLeasable(limit));
    this.#leased = claims.filter((_, i) => this.#isLeased[i]);
    this.#others = claims.filter((_, i) => !this.#isLeased[i]);
  }

  async consume(now: number): Promise<readonly Verdict[]> {
    const leased = await this.#leases.consume(this.#leased);
    if (isDenied(leased)) return this.#join(leased, await this.#consumeDenied(now));
    try {
      const others = await this.#exact.consume(this.#others, now);
      return this.#join(isDenied(others) ? await this.#undo(leased) : leased, others);
    } catch (error) {
      await this.#undo(leased);
      throw error;
    }
  }

  async peek(now: number): Promise<readonly Verdict[]> {
    return this.#join(await this.#leases.peek(this.#leased), await this.#exact.peek(this.#others, now));
  }

  async charge(now: number): Promise<readonly Verdict[]> {
    return this.#join(await this.#leases.charge(this.#leased), await this.#exact.charge(this.#others, now));
  }

  async refund(charges: readonly Charge[], now: number): Promise<readonly Verdict[]> {
    const leased = charges.filter((_, i) => this.#isLeased[i]);
    const others = charges.filter((_, i) => !this.#isLeased[i]);
    return this.#join(await this.#leases.refund(leased), await this.#exact.refund(others, now));
  }

  /** What the others say of a request that is denied already. Those that count rejected requests count it. */
  async #consumeDenied(now: number): Promise<readonly Verdict[]> {
    const verdicts = [...(await this.#exact.peek(this.#others, now))];
    const counting = [...verdicts.keys()].filter((i) => {
      const { limit, retryAfterMs } = verdicts[i] as Verdict;
      return limit.countRejected && retryAfterMs !== Number.POSITIVE_INFINITY;
    });
    if (counting.length === 0) return verdicts;
    const charged = await this.#exact.charge(
      counting.map((i) => this.#others[i] as Claim),
      now,
    );
    for (const [n, i] of counting.entries()) {
      const { admitted } = verdicts[i] as Verdict;
      verdicts[i] = { ...(charged[n] as Verdict), admitted };
    }
    return verdicts;
  }

  /** Gives back what a request was charged that the others deny, except where rejected requests count. */
  async #undo(verdicts: readonly Verdict[]): Promise<readonly Verdict[]> {
    const undone = [...verdicts.keys()].filter((i) => {
      const { limit, admitted } = verdicts[i] as Verdict;
      return admitted && !limit.countRejected;
    });
    const charges = undone.map((i) => ({ claim: this.#leased[i] as Claim, ticket: (verdicts[i] as Verdict).ticket }));
    const refunded = await this.#leases.refund(charges);
    return verdicts.map((verdict, i) => refunded[undone.indexOf(i)] ?? verdict);
  }

  /** Puts verdicts in the order of the claims. */
  #join(leased: readonly Verdict[], others: readonly Verdict[]): readonly Verdict[] {
    const ofLeased = leased.values();
    const ofOthers = others.values();
    return this.#isLeased.map((isLeased) => (isLeased ? ofLeased : ofOthers).next().value as Verdict);
  }
}

function isDenied(verdicts: readonly Verdict[]): boolean {
  return verdicts.some(({ admitted, limit }) => !admitted && !limit.isShadow);
}

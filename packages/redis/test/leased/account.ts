import type { Limit } from "@headgate/core";
import { admittedByWindow } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { type Scenario, simulate } from "./simulation.ts";
import { asking, knowing, leasing } from "./ways-to-count.ts";

/**
 * What became of the units of one sliding window that nodes lease.
 *
 *     possible = leased + untaken + late + lost
 */
export interface Account {
  /** Units admitted by one memory that hears of the same requests at once. */
  readonly possible: number;
  /** Units admitted by asking the centre about each of these requests, through the same weather. */
  readonly asked: number;
  /** Units admitted with leases. */
  readonly leased: number;
  /** Units that were not charged when the window ended; below zero if more were than one memory would have admitted. */
  readonly untaken: number;
  /** Units that a node had left when the window ended, and gave back after it. */
  readonly late: number;
  /** Units that nobody spent or gave back: a node died with them, or a message was lost or came twice. */
  readonly lost: number;
}

/** Runs a scenario of one limit in three ways, and accounts for the windows that it sees all of. */
export async function accountsOf(scenario: Scenario & { readonly limits: readonly [Limit] }): Promise<Account[]> {
  const [limit] = scenario.limits;
  const ledger = new Ledger();
  const leased = admittedByWindow(limit, await simulate(scenario, leasing, ledger));
  const asked = admittedByWindow(limit, await simulate(scenario, asking));
  const possible = admittedByWindow(limit, await simulate(scenario, knowing()));
  const tickets = [...possible.keys()].sort((one, other) => one - other).slice(1, -1);
  return tickets.map((ticket) => {
    const of = (units: ReadonlyMap<number, number>): number => units.get(ticket) ?? 0;
    return {
      possible: of(possible),
      asked: of(asked),
      leased: of(leased),
      untaken: of(possible) - of(ledger.charged),
      late: of(ledger.charged) - of(ledger.kept),
      lost: of(ledger.kept) - of(leased),
    };
  });
}

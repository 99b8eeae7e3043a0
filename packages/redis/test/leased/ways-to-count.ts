import { type Awaitable, type Charge, type Claim, MemoryStore, type Verdict } from "@headgate/core";
import type { Centre } from "../../src/leased/centre.ts";
import { LeasedStore } from "../../src/leased/leased-store.ts";

/** As much of a store as a node of a simulation needs. */
export interface Counting {
  consume(claims: readonly Claim[], now: number): Awaitable<readonly Pick<Verdict, "limit" | "admitted" | "ticket">[]>;
  refund(charges: readonly Charge[], now: number): Awaitable<unknown>;
}

/** What a node has when it starts. */
interface Equipment {
  readonly centre: Centre;
  readonly centreClock: () => number;
  readonly clock: () => number;
  readonly every: (intervalMs: number, run: () => void) => () => void;
  readonly processes: () => number;
}

/** Makes what a node counts with. */
export type WayToCount = (equipment: Equipment) => Counting;

/** With leases: the store that all this is about. */
export const leasing: WayToCount = ({ centre, clock, every, processes }) =>
  // No limit of a run is one that cannot be leased.
  new LeasedStore({
    centre,
    exact: new MemoryStore({ maxPartitions: 8 }),
    clock,
    every,
    processes,
    memory: { maxPartitions: 8 },
  });

/** One limit, and the centre asked about each request, as exact mode does: with what is lost and late on the way. */
export const asking: WayToCount = ({ centre }) => ({
  async consume(claims) {
    const verdicts = claims.map(async (claim) => {
      const { limit, cost } = claim;
      const order = { least: cost, need: cost, want: 0, processes: 1 };
      const { granted, cells } = await centre.take(claim, () => order, 0);
      return { limit, admitted: granted > 0, ticket: cells[0] };
    });
    return Promise.all(verdicts);
  },
  refund: (charges) => Promise.all(charges.map(({ claim, ticket }) => centre.settle(claim, claim.cost, ticket, 0))),
});

/** In one memory that hears of every request at once. What it refuses, the limit forbids. For one run. */
export function knowing(): WayToCount {
  const memory = new MemoryStore({ maxPartitions: 8 });
  return ({ centreClock }) => ({
    consume: (claims) => memory.consume(claims, centreClock()),
    refund: (charges) => memory.refund(charges, centreClock()),
  });
}

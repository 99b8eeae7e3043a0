import type { Limit } from "@headgate/core";

/** A request that cannot go on without units for one of its claims. */
export interface Waiter {
  readonly limit: Limit;
  readonly units: number;
  /** Called with the window that the units belong to, before anybody else can spend them. */
  readonly receive: (ticket: number) => void;
  /** Called when the request may look again, with the units or without. */
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

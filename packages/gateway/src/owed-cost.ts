import type { Match } from "@headgate/policy";
import type { UpstreamHeaders } from "./client-headers.ts";
import type { CountedUpstream } from "./counted-upstream.ts";
import type { Exchange } from "./exchange.ts";

/**
 * What a request costs by its answer's head, when its client has left before that. Who leaves early must not go free, so
 * the upstream works on, and the request goes on to wait for it, until the head has come or the upstream has failed.
 */
export class OwedCost {
  readonly #exchange: Exchange;
  readonly #upstream: CountedUpstream;
  #isClosed = false;

  constructor(exchange: Exchange, upstream: CountedUpstream) {
    this.#exchange = exchange;
    this.#upstream = upstream;
    upstream.enter();
    upstream.pass();
  }

  settle(status: number, headers: UpstreamHeaders): void {
    const exchange = this.#exchange;
    exchange.when(exchange.settle(status, headers), () => {});
  }

  /** The upstream has no more to say. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#upstream.leave(true);
  }
}

/** Whether only the answer tells what a request costs by one of the limits that apply. */
export function isToldByAnswer({ applications }: Match): boolean {
  return applications.some(({ policyLimit }) => policyLimit.cost.kind === "response-header");
}

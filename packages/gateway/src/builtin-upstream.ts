import type { BuiltinApi } from "./builtin-api.ts";
import { CountedUpstream } from "./counted-upstream.ts";
import type { TransportLimits } from "./transport-limits.ts";

/** An API in this process in an upstream's place. It is opened, and closed, by whoever made the gateway. */
export class BuiltinUpstream extends CountedUpstream {
  readonly kind = "builtin";
  readonly api: BuiltinApi;

  constructor(name: string, api: BuiltinApi, limits: TransportLimits) {
    super(name, limits.maxUpstreamRequests);
    this.api = api;
  }

  destroy(): void {}

  protected override close(): void {}
}

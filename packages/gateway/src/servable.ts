import type { Policy } from "@headgate/policy";
import { keysOf } from "./jwt.ts";
import { upstreamName } from "./upstream.ts";

/** Throws what `createGateway` would: `HG_UPSTREAM_MISSING` or `HG_JWKS_UNREADABLE`. For asking before threads are told. */
export function checkServable(policy: Policy, upstream: URL | undefined, servesBuiltin: boolean): void {
  upstreamName(policy, upstream, servesBuiltin);
  if (policy.callers.jwks !== undefined) keysOf(policy.callers.jwks);
}

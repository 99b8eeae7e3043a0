import { HeadgateError } from "@headgate/core";
import type { Policy } from "@headgate/policy";
import type { BuiltinApi } from "./builtin-api.ts";
import { BuiltinUpstream } from "./builtin-upstream.ts";
import { HttpUpstream } from "./http-upstream.ts";
import type { TransportLimits } from "./transport-limits.ts";

/** Where admitted requests go. */
export type Upstream = HttpUpstream | BuiltinUpstream;

/** What there is to choose from. */
export interface UpstreamChoice {
  /** Instead of the policy's own. */
  readonly upstream?: URL | undefined;
  /** What is served in this process. */
  readonly builtin?: BuiltinApi | undefined;
}

/** What a policy's upstream is called: its URL, or `builtin:events`. Throws `HG_UPSTREAM_MISSING`. */
export function upstreamName({ upstream }: Policy, override: URL | undefined, servesBuiltin: boolean): string {
  if (override) return override.href;
  if (upstream?.kind === "http") return upstream.url.href;
  const name = upstream && `builtin:${upstream.name}`;
  if (name !== undefined && servesBuiltin) return name;
  const problem = name === undefined ? "the policy names no upstream" : `upstream: ${name} is not served here`;
  throw new HeadgateError("HG_UPSTREAM_MISSING", `${problem}; say where to send requests with --upstream URL`);
}

/** Opens what the policy names. Throws `HG_UPSTREAM_MISSING`. */
export function openUpstream(policy: Policy, choice: UpstreamChoice, limits: TransportLimits): Upstream {
  const { upstream, builtin } = choice;
  const name = upstreamName(policy, upstream, builtin !== undefined);
  if (builtin && !upstream && policy.upstream?.kind === "builtin") return new BuiltinUpstream(name, builtin, limits);
  return new HttpUpstream(new URL(name), limits);
}

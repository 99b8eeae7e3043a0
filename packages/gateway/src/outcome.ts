import type { Outcome } from "@headgate/policy";
import type { UpstreamHeaders } from "./client-headers.ts";
import type { Exchange } from "./exchange.ts";
import { textOf } from "./header-text.ts";

/**
 * What an answer says that only it can say: its status, costs it tells in a header, and whether the credential is valid.
 * `status` is what the client gets; of the credential, only what the upstream itself said counts.
 */
export function outcomeOf(
  { site, caller }: Exchange,
  status: number,
  headers: UpstreamHeaders,
  upstreamStatus: number,
): Outcome {
  return {
    status,
    header: (name) => (Object.hasOwn(headers, name) ? textOf(headers[name]) : undefined),
    authenticated: caller !== undefined && site.credentials.judge(caller, upstreamStatus),
  };
}

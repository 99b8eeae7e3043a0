import type { IncomingMessage } from "node:http";
import type { Identity } from "@headgate/control";
import { isForwardingHeader, type Peer, pushForwarding } from "./forwarded.ts";
import { connectionHeaders, isHopByHop } from "./hop-by-hop.ts";
import { pushIdentity } from "./identity-headers.ts";

/**
 * The headers of the request to the upstream, names and values in turn: the client's, without what speaks of its
 * connection only, with its address and, where it is on record, with who it is. An expectation is met here, so it is
 * not passed on.
 *
 * A header that came several times goes once, with the value that was decided by: node:http has joined its values (RFC
 * 9110, section 5.3) or, where there can be one only, kept the first. Else a caller could show a key to the policy and
 * another to the upstream. Names go in lower case, as node:http keeps them.
 */
export function toUpstreamHeaders(
  { headers }: IncomingMessage,
  authority: string | undefined,
  peer: Peer,
  identity: Identity | undefined,
): string[] {
  const declared = connectionHeaders(headers.connection);
  const passed: string[] = [];
  for (const name in headers) {
    if (isHopByHop(name) || name === "expect" || declared?.has(name)) continue;
    if (isForwardingHeader(name) && !(peer.isTrusted && !CONTINUED.has(name))) continue;
    if (authority !== undefined && name === "host") continue;
    passed.push(name, String(headers[name]));
  }
  if (authority !== undefined) passed.push("host", authority);
  pushForwarding(passed, headers, authority ?? headers.host ?? "", peer);
  pushIdentity(passed, identity);
  return passed;
}

/** What the gateway continues; from a trusted proxy, others such as `X-Forwarded-Port` pass as they are. */
const CONTINUED = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"]);

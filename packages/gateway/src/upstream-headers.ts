import type { IncomingMessage } from "node:http";
import { hasName } from "./flat-headers.ts";
import { isForwardingHeader, type Peer, pushForwarding } from "./forwarded.ts";
import { connectionHeaders, isHopByHop } from "./hop-by-hop.ts";

/**
 * The headers of the request to the upstream, names and values in turn: the client's, without what speaks of its
 * connection only, and with who it is. An expectation is met here, so it is not passed on.
 *
 * A header that came several times goes once, with the value that was decided by: node:http has joined its values (RFC
 * 9110, section 5.3) or, where there can be one only, kept the first. Else a caller could show a key to the policy and
 * another to the upstream. A name of which node:http keeps no value, as `__proto__`, does not go at all.
 */
export function toUpstreamHeaders(request: IncomingMessage, authority: string | undefined, peer: Peer): string[] {
  const { rawHeaders, headers } = request;
  const declared = connectionHeaders(headers.connection);
  const passed: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const lowerName = name.toLowerCase();
    if (isHopByHop(lowerName) || lowerName === "expect" || declared?.has(lowerName)) continue;
    if (isForwardingHeader(lowerName) && !(peer.isTrusted && !CONTINUED.has(lowerName))) continue;
    if (authority !== undefined && lowerName === "host") continue;
    const value = headers[lowerName];
    if (value === rawHeaders[i + 1]) passed.push(name, value as string);
    else if (Object.hasOwn(headers, lowerName) && !hasName(passed, lowerName)) passed.push(name, String(value));
  }
  if (authority !== undefined) passed.push("Host", authority);
  pushForwarding(passed, headers, authority ?? headers.host ?? "", peer);
  return passed;
}

/** What the gateway continues; from a trusted proxy, others such as `X-Forwarded-Port` pass as they are. */
const CONTINUED = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"]);

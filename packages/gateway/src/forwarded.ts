import type { Headers } from "@headgate/policy";
import { textOf } from "./header-text.ts";

/** Who is at the other end of the client's connection, for the headers that tell the upstream. */
export interface Peer {
  readonly address: string;
  /** Whether what it says about those before it counts. */
  readonly isTrusted: boolean;
}

/** Whether a header tells of those before; `X_Forwarded_For` too, which some servers take for the same. Lower case. */
export function isForwardingHeader(name: string): boolean {
  if (name.charCodeAt(0) === LETTER_X) return /^x[-_](?:forwarded[-_]|real[-_]ip$)/.test(name);
  return name === "forwarded";
}

/**
 * Adds `X-Forwarded-For`, `-Proto`, `-Host` and `Forwarded` (RFC 7239). A trusted proxy's are continued; anyone else's
 * are replaced, so `headers` are only read for a trusted peer. The gateway's own port speaks plain HTTP.
 */
export function pushForwarding(into: string[], headers: Headers, host: string, peer: Peer): void {
  const address = plainAddress(peer.address);
  let addresses = address;
  let elements = forwardedElement(address, host);
  let proto = "http";
  let forwardedHost = host;
  if (peer.isTrusted) {
    addresses = continued(headers["x-forwarded-for"], addresses);
    elements = continued(headers.forwarded ?? forwardedFrom(textOf(headers["x-forwarded-for"])), elements);
    proto = textOf(headers["x-forwarded-proto"]) ?? proto;
    forwardedHost = textOf(headers["x-forwarded-host"]) ?? forwardedHost;
  }
  into.push("X-Forwarded-For", addresses, "X-Forwarded-Proto", proto);
  if (forwardedHost !== "") into.push("X-Forwarded-Host", forwardedHost);
  into.push("Forwarded", elements);
}

/** What a proxy that speaks only `X-Forwarded-For` would have said: else the two would tell of different clients. */
function forwardedFrom(addresses: string | undefined): string | undefined {
  return addresses
    ?.split(",")
    .map((address) => address.trim())
    .map((address) => `for=${/^[\w.:-]+$/.test(address) ? forwardedNode(address) : "unknown"}`)
    .join(", ");
}

function forwardedNode(address: string): string {
  if (address === "") return "unknown";
  return address.includes(":") ? `"[${address}]"` : address;
}

/** One element of `Forwarded`; IPv6 addresses go in brackets and, like hosts with a port, in quotes (RFC 7239, section 4). */
function forwardedElement(address: string, host: string): string {
  const name = host === "" ? "" : `;host=${TOKEN.test(host) ? host : `"${host}"`}`;
  return `for=${forwardedNode(address)}${name};proto=http`;
}

/** An address without zone, and IPv4 where it is IPv4 mapped into IPv6. */
function plainAddress(address: string): string {
  if (address.startsWith("::ffff:") && address.includes(".")) return address.slice(7);
  const zone = address.indexOf("%");
  return zone === -1 ? address : address.slice(0, zone);
}

function continued(before: Headers[string], own: string): string {
  const text = textOf(before);
  return text === undefined || text === "" ? own : `${text}, ${own}`;
}

const LETTER_X = 0x78;
const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/;

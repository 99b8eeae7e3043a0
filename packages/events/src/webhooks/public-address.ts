import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** An IP address. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** All IPv6 addresses that are somebody's alone on the internet lie in it (RFC 4291, section 2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** What translates to IPv4 on networks without it, with the address at its end (RFC 6052, section 2.1). */
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");
/** Looks public, and tells virtual machines in Azure of themselves. */
const AZURE_METADATA = "168.63.129.16";

/** The address that packets end up at: IPv4 that is mapped into IPv6 is IPv4. Undefined where the text is no address. */
export function parseAddress(text: string): Address | undefined {
  // `ipaddr.js` alone would take `127.1` and `0x7f.1` too, which nothing that resolves names gives.
  if (isIP(text) === 0) return undefined;
  const address = ipaddr.parse(text);
  if (!isIPv6(address)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

/**
 * Whether anybody on the internet may be there: not this machine, its networks and what they tell of themselves, nor
 * addresses that are kept for groups, tunnels, tests, examples or later.
 */
export function isPublic(address: Address): boolean {
  // `ipaddr.js` calls unicast whatever is in none of the registries of special addresses, and so much that is nobody's.
  if (address.range() !== "unicast") return false;
  return isIPv6(address) ? address.match(GLOBAL_UNICAST) : address.toString() !== AZURE_METADATA;
}

/** Whether an address lies in a network in CIDR notation. */
export function isWithin(address: Address, network: string): boolean {
  const range = ipaddr.parseCIDR(network);
  return range[0].kind() === address.kind() && address.match(range);
}

function isIPv6(address: Address): address is ipaddr.IPv6 {
  return address.kind() === "ipv6";
}

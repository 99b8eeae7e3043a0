import ipaddr from "ipaddr.js";
import type * as z from "zod";
import { textFormat } from "./text-format.ts";

/** An IP address. IPv4-mapped IPv6 is IPv4, so that one client is one address however it connects. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A range of addresses: its first one, and the bits that all share. */
export type AddressRange = [Address, number];

/** Reads an address as peers and proxies write it, port, brackets and zone dropped; undefined if it is none. */
export function parseAddress(text: string): Address | undefined {
  const bare = withoutPort(text.trim());
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  const zone = bare.indexOf("%");
  const address = zone < 0 ? bare : bare.slice(0, zone);
  if (!address.includes(":") || !ipaddr.IPv6.isValid(address)) return undefined;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
}

/** Reads `10.0.0.0/8`, `2001:db8::/32`, or an address alone; undefined if it is none of them. */
export function parseRange(text: string): AddressRange | undefined {
  const [, start = "", bits] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = ipaddr.IPv4.isValidFourPartDecimal(start)
    ? ipaddr.IPv4.parse(start)
    : ipaddr.IPv6.isValid(start) && start.includes(":")
      ? ipaddr.IPv6.parse(start)
      : undefined;
  if (address === undefined || (address.kind() === "ipv6" && (address as ipaddr.IPv6).isIPv4MappedAddress())) {
    return undefined;
  }
  const width = address.kind() === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  return prefix <= width ? [address, prefix] : undefined;
}

export function rangeSchema(description: string): z.ZodType<string> {
  return textFormat({
    code: "HG_POLICY_CIDR",
    description,
    hint: "an IPv4 or IPv6 range such as 10.0.0.0/8 or 2001:db8::/32",
    fault: (text) => (parseRange(text) ? undefined : `"${text}" is not a range of addresses`),
  });
}

export function isInRange(address: Address, [start, bits]: AddressRange): boolean {
  return address.kind() === start.kind() && address.match([start, bits]);
}

/** The network of an IPv6 address: `2001:db8:1:2::/64`. A client owns a whole one, so it is counted as one. */
export function networkOf(address: ipaddr.IPv6, prefix: number): string {
  if (prefix === 128) return address.toRFC5952String();
  const bytes = address.toByteArray().map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))));
  return `${new ipaddr.IPv6(bytes).toRFC5952String()}/${prefix}`;
}

/**
 * Whom an address is counted as: itself, or for IPv6 the network of so many bits. Such a network may be given too.
 * Undefined where the text is neither.
 */
export function countedAddress(text: string, ipv6Prefix: number): string | undefined {
  const [network, bits] = parseRange(text) ?? [];
  const address = bits === ipv6Prefix ? network : parseAddress(text);
  if (!address) return undefined;
  return address.kind() === "ipv4" ? address.toString() : networkOf(address as ipaddr.IPv6, ipv6Prefix);
}

function withoutPort(text: string): string {
  if (text.startsWith("[")) {
    const [, bracketed = ""] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? [];
    return bracketed;
  }
  const colon = text.indexOf(":");
  return colon > 0 && colon === text.lastIndexOf(":") ? text.slice(0, colon) : text;
}

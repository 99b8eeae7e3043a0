import type ipaddr from "ipaddr.js";
import { type Address, type AddressRange, isInRange, networkOf, parseAddress } from "./address.ts";

/** What is to be known of an address, worked out once. */
interface KnownAddress {
  /** Whom a client at this address is counted as. */
  readonly client: string;
  readonly isTrusted: boolean;
}

/** Enough for a busy minute; a flood of addresses costs one parse each, not memory. */
const MOST_KNOWN = 10_000;
/** An IPv6 address with zone and port is shorter than this. */
const LONGEST_ADDRESS = 100;

/** Tells who is at the other end, behind the proxies that the policy trusts. */
export class ClientAddress {
  readonly #trusted: readonly AddressRange[];
  readonly #ipv6Prefix: number;
  readonly #known = new Map<string, KnownAddress | undefined>();

  constructor(trusted: readonly AddressRange[], ipv6Prefix: number) {
    this.#trusted = trusted;
    this.#ipv6Prefix = ipv6Prefix;
  }

  trusts(peerAddress: string): boolean {
    return this.#look(peerAddress)?.isTrusted ?? false;
  }

  /**
   * The client's address as it is counted. `X-Forwarded-For` counts only from trusted proxies and is read from the
   * right: the first address that is not itself a trusted proxy is the client. Left of that, anyone can write anything.
   */
  of(peerAddress: string, forwardedFor: string | readonly string[] | undefined): string {
    let nearest = this.#look(peerAddress);
    // A peer without an IP address, such as one on a Unix socket, is counted by what it is called.
    if (!nearest) return peerAddress;
    if (!nearest.isTrusted || forwardedFor === undefined) return nearest.client;

    const hops = typeof forwardedFor === "string" ? forwardedFor : forwardedFor.join(",");
    let end = hops.length;
    while (nearest.isTrusted && end >= 0) {
      const comma = end === 0 ? -1 : hops.lastIndexOf(",", end - 1);
      const hop = this.#look(hops.slice(comma + 1, end).trim());
      if (!hop) break;
      nearest = hop;
      end = comma;
    }
    return nearest.client;
  }

  #look(text: string): KnownAddress | undefined {
    const known = this.#known.get(text);
    if (known !== undefined || text === "" || text.length > LONGEST_ADDRESS || this.#known.has(text)) return known;
    const address = parseAddress(text);
    const result = address && this.#knowledgeOf(address);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(text, result);
    return result;
  }

  #knowledgeOf(address: Address): KnownAddress {
    return {
      client: address.kind() === "ipv4" ? address.toString() : networkOf(address as ipaddr.IPv6, this.#ipv6Prefix),
      isTrusted: this.#trusted.some((range) => isInRange(address, range)),
    };
  }
}

import type { LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { type Resolve, resolver } from "./name-resolution.ts";
import { isPublic, isWithin, parseAddress } from "./public-address.ts";

/** A host that webhooks may not go to. Its message says which, to the webhook's owner. */
export class ForbiddenHost extends Error {}

/** A name that has no address, for now at least. */
export class UnresolvedName extends Error {
  constructor(name: string) {
    super(`the name ${name} does not resolve`);
  }
}

export interface AddressGuardOptions {
  /** Networks in CIDR notation that webhooks may reach although they are not public; asked again and again. */
  readonly networks: () => readonly string[];
  /** By default the name servers are asked. */
  readonly resolve?: Resolve | undefined;
}

/** Names that mean this machine or its network, wherever they are asked for. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal)\.?$/i;

/** Keeps webhooks from going where only this machine may: to itself, and to the networks that it is in. */
export class AddressGuard {
  readonly #networks: () => readonly string[];
  readonly #resolve: Resolve;

  constructor({ networks, resolve = resolver() }: AddressGuardOptions) {
    this.#networks = networks;
    this.#resolve = resolve;
  }

  /** Whether webhooks may go to an address. */
  allows(text: string): boolean {
    const address = parseAddress(text);
    if (!address) return false;
    return isPublic(address) || this.#networks().some((network) => isWithin(address, network));
  }

  /** Throws {@link ForbiddenHost} where a host, a name or an address without brackets, is one as it is written. */
  check(host: string): void {
    if (isIP(host) !== 0) {
      if (!this.allows(host)) throw new ForbiddenHost(`the address ${host} is not one that webhooks may go to`);
    } else if (PRIVATE_NAME.test(host) && this.#networks().length === 0) {
      throw new ForbiddenHost(`the name ${host} is not one that webhooks may go to`);
    }
  }

  /**
   * The addresses of a host, which all are such that webhooks may go there: one that is not makes the whole host
   * suspect. Rejects with {@link ForbiddenHost} and {@link UnresolvedName}.
   */
  async addressesOf(host: string): Promise<readonly string[]> {
    this.check(host);
    if (isIP(host) !== 0) return [host];
    const addresses = await this.#resolve(host);
    if (addresses.length === 0) throw new UnresolvedName(host);
    // Which address it is stays untold: names of the operator's own network are nobody else's affair.
    if (!addresses.every((address) => this.allows(address))) {
      throw new ForbiddenHost(`the name ${host} leads to an address that webhooks may not go to`);
    }
    return addresses;
  }

  /**
   * For sockets: a connection goes to the very addresses that were looked at, so a name that leads elsewhere a moment
   * later gains nothing. Sockets never ask it about addresses: those need {@link check} before.
   */
  readonly lookup: LookupFunction = (host, { all = false }, callback) => {
    this.addressesOf(host).then(
      (addresses) => {
        const found = addresses.map((address): LookupAddress => ({ address, family: isIP(address) }));
        const [first] = found;
        if (all) callback(null, found);
        else callback(null, first?.address ?? "", first?.family);
      },
      (error: Error) => callback(error, ""),
    );
  };
}

/** The host of a URL as {@link AddressGuard} takes it. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

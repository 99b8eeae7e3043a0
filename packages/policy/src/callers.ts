import { dirname, resolve } from "node:path";
import { type AddressRange, parseRange } from "./address.ts";
import { AMBIGUOUS, compileCaller } from "./caller-source.ts";
import { ClientAddress } from "./client-address.ts";
import type { Headers } from "./facts.ts";
import { asCredentials, asWritten } from "./presented-callers.ts";
import { type CallerSection, callerSectionsOf } from "./schema/callers.ts";
import type { PolicyFile } from "./schema/policy-file.ts";

/** What a request carries before anyone has said who is calling. */
export interface RawRequest {
  readonly headers: Headers;
  /** The query without its question mark; "" for none. */
  readonly query: string;
  /** The address of the connection's other end. */
  readonly peerAddress: string;
  /** Claims of a token that has been verified, where the policy reads callers from claims. */
  readonly jwtClaims?: Readonly<Record<string, unknown>> | undefined;
}

/** Reads who is calling. */
export interface CallerReader {
  /**
   * Values by caller name; `ip` is always there. Undefined when the request names one caller in two ways that differ: it
   * must be refused, or it could show one key here and another to the upstream.
   */
  read(request: RawRequest): Readonly<Record<string, string>> | undefined;
  /** The first credential (api-key, token or account) among the values, or undefined for an anonymous request. */
  credentialOf(callers: Readonly<Record<string, string>>): string | undefined;
  /** Where requests name the callers other than `ip`, by caller. */
  readonly sections: ReadonlyMap<string, CallerSection>;
  /** The callers that are read, `ip` among them. */
  readonly names: readonly string[];
  /** Whether the connection's other end is a proxy whose forwarding headers count. */
  trusts(peerAddress: string): boolean;
  /** Where the keys that verify tokens are, when a caller is read from a claim. */
  readonly jwks: string | undefined;
  /** How many bits of an IPv6 address name one client. */
  readonly ipv6Prefix: number;
}

/** The callers that are credentials, the foremost first. */
export const CREDENTIALS: readonly string[] = ["api-key", "token", "account"];

/** Compiles the callers. A `jwks` that is a file is looked for beside `policyFile`. */
export function compileCallers(
  { callers: section, credentials }: Pick<PolicyFile, "callers" | "credentials">,
  policyFile: string,
): CallerReader {
  const ip = section?.ip ?? {};
  const ranges = (ip["trusted-proxies"] ?? []).map((text) => parseRange(text) as AddressRange);
  const ipv6Prefix = ip["ipv6-prefix"] ?? 64;
  const addresses = new ClientAddress(ranges, ipv6Prefix);
  const sections = callerSectionsOf(section);
  const presented = credentials === "managed" ? asCredentials(sections) : asWritten(sections);
  const callers = presented.map(({ name, section, butNot, longest }) => ({
    name,
    valueIn: compileCaller(section, butNot, longest),
  }));
  const jwks = sections.find(([, caller]) => caller.jwks !== undefined)?.[1].jwks;
  return {
    read(request) {
      const ip = addresses.of(request.peerAddress, request.headers["x-forwarded-for"]);
      const values: Record<string, string> = { ip };
      for (const { name, valueIn } of callers) {
        const value = valueIn(request);
        if (value === AMBIGUOUS) return undefined;
        if (value !== undefined) values[name] = value;
      }
      return values;
    },
    credentialOf(values) {
      for (const name of CREDENTIALS) if (values[name] !== undefined) return values[name];
      return undefined;
    },
    sections: new Map(sections),
    names: ["ip", ...sections.map(([name]) => name)],
    trusts: (peerAddress) => addresses.trusts(peerAddress),
    jwks: jwks === undefined || /^https?:/i.test(jwks) ? jwks : resolve(dirname(policyFile), jwks),
    ipv6Prefix,
  };
}

import * as z from "zod";
import { rangeSchema } from "../address.ts";
import { freeNameSchema, tokenSchema } from "../name.ts";
import { oneOrMore, textFormat } from "../text-format.ts";

/** Where a request says one of the callers. Where it says so in several places, they must agree. */
export interface CallerSection {
  readonly bearer?: true | string | string[] | undefined;
  readonly header?: string | undefined;
  readonly query?: string | undefined;
  readonly cookie?: string | undefined;
  readonly "jwt-claim"?: string | undefined;
  readonly jwks?: string | undefined;
}

/** How the client's address is read. */
interface IpSection {
  readonly "trusted-proxies"?: string[] | undefined;
  readonly "ipv6-prefix"?: number | undefined;
}

/** Callers by name; `ip` is another kind of section than the others. */
export interface CallersSection {
  readonly ip?: IpSection | undefined;
  readonly [name: string]: CallerSection | IpSection | undefined;
}

const BEARER_HINT = "true for any token, or the prefix that a token must have";

const prefix = textFormat({
  code: "HG_POLICY_VALUE",
  description: "What a token must begin with.",
  hint: BEARER_HINT,
  fault: (text) => (/^[!-~]{1,64}$/.test(text) ? undefined : `"${text}" cannot be the beginning of a token`),
});

const callerSchema = z
  .strictObject({
    bearer: z
      .union([z.literal(true), oneOrMore(prefix, BEARER_HINT)], { error: `${BEARER_HINT}, or a list of those` })
      .optional()
      .describe("Authorization: Bearer …; true for any token, or the prefixes that count."),
    header: tokenSchema("a header's name", "The request header that holds the value.").optional(),
    query: freeNameSchema("a query parameter's name", "The query parameter that holds the value.").optional(),
    cookie: tokenSchema("a cookie's name", "The cookie that holds the value.").optional(),
    "jwt-claim": freeNameSchema("a claim's name", "The claim of a verified bearer token. Needs `jwks`.").optional(),
    jwks: freeNameSchema("a URL or file", "The URL or file of the keys that verify tokens (RFC 7517).").optional(),
  })
  .describe("How a request says who it is: one or more sources. Those that have a value must agree.");

const ipSchema = z
  .strictObject({
    "trusted-proxies": z
      .array(rangeSchema("A range of addresses whose X-Forwarded-For counts."))
      .optional()
      .describe("Proxies whose X-Forwarded-For counts."),
    "ipv6-prefix": z
      .int()
      .min(1)
      .max(128)
      .optional()
      .describe("How many bits of an IPv6 address are one client. Default 64."),
  })
  .describe("How the client's address is read.");

export const callersSchema: z.ZodType<CallersSection> = z
  .object({ ip: ipSchema.optional() })
  .catchall(callerSchema)
  .describe("Who is counted. api-key, token and account are credentials; ip always exists; others are your own.");

/** All callers but `ip`, by name. */
export function callerSectionsOf(section: CallersSection | undefined): [name: string, section: CallerSection][] {
  return Object.entries(section ?? {}).filter(([name]) => name !== "ip") as [string, CallerSection][];
}

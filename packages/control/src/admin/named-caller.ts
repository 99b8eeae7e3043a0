import { countedAddress } from "@headgate/policy";
import Type, { type TOptional, type TString } from "typebox";
import type { SuspendableCaller } from "../suspension.ts";
import type { AdminContext } from "./admin-options.ts";
import { namedIn, oneOf } from "./body.ts";
import { knownPolicy } from "./policy-names.ts";
import { bodyFault, Refusal } from "./refusal.ts";

type CallerField = "account" | "key" | "token" | "ip";

const FIELDS: readonly CallerField[] = ["account", "key", "token", "ip"];
const DEFAULT_IPV6_PREFIX = 64;

/** The fields that name one caller; exactly one must be given. */
export const callerFields: Readonly<Record<CallerField, TOptional<TString>>> = {
  account: Type.Optional(Type.String({ description: "An account's id or name." })),
  key: Type.Optional(Type.String({ description: "A key's id." })),
  token: Type.Optional(Type.String({ description: "A token's id." })),
  ip: Type.Optional(Type.String({ description: "An address; of IPv6 the whole network that is counted as one." })),
};

/** Which caller a body or a query names. Throws where it names none, several, or one that is not on record. */
export async function namedCaller(
  context: AdminContext,
  given: Readonly<Partial<Record<CallerField, string>>>,
  part: "body" | "query",
): Promise<{ caller: SuspendableCaller; value: string }> {
  const { control } = context;
  const field = oneOf(given, FIELDS, part);
  const text = given[field] as string;
  const lookUp = <Found>(find: () => Promise<Found>): Promise<Found> =>
    part === "body" ? namedIn(field, find) : find();
  switch (field) {
    case "account":
      return { caller: "account", value: (await lookUp(() => control.accounts.get(text))).id };
    case "key":
      return { caller: "api-key", value: (await lookUp(() => control.keys.get(text))).id };
    case "token":
      return { caller: "token", value: (await lookUp(() => control.tokens.get(text))).id };
    case "ip": {
      const value = countedAddress(text, knownPolicy(context)?.ipv6Prefix ?? DEFAULT_IPV6_PREFIX);
      if (value !== undefined) return { caller: "ip", value };
      const detail = "is not an IP address";
      if (part === "body") throw bodyFault("ip", detail);
      throw new Refusal("HG_ADMIN_QUERY", `\`ip\` ${detail}.`, { faults: [{ parameter: "ip", detail }] });
    }
  }
}

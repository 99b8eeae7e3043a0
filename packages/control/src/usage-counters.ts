import { type Policy, type PolicyLimit, partitionKey } from "@headgate/policy";
import type { SuspendableCaller } from "./suspension.ts";
import type { UsageCaller } from "./usage-caller.ts";

/** One counter of a limit. */
export interface Counter {
  readonly policyLimit: PolicyLimit;
  /** What it counts by, in the words of the limit's `per`. An endpoint of "" is every unlisted route. */
  readonly per: Readonly<Record<string, string>>;
  readonly partition: string;
}

/** Those that are counted apart in practice. */
const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** All counters that a caller can have in a policy: of limits that count by it alone, or with endpoint and method. */
export function countersOf(policy: Policy, { caller: named, value }: UsageCaller): Counter[] {
  const caller = wordFor(named, policy);
  const values: Readonly<Record<string, readonly string[]>> = {
    [caller]: [value],
    endpoint: [...policy.endpoints.patterns, ""],
    method: METHODS,
  };
  return policy.limits
    .filter(({ per }) => per.includes(caller) && per.every((word) => values[word] !== undefined))
    .flatMap((policyLimit) =>
      combinationsOf(policyLimit.per, values).map((per) => {
        const partition = partitionKey(policyLimit.per, per) as string;
        return { policyLimit, per, partition };
      }),
    );
}

/** What limits call a caller: a policy that reads no keys but tokens takes keys for tokens. */
export function wordFor(caller: SuspendableCaller, { callers }: Policy): SuspendableCaller {
  return caller === "api-key" && !callers.names.includes("api-key") ? "token" : caller;
}

function combinationsOf(
  words: readonly string[],
  values: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>>[] {
  return words.reduce<Readonly<Record<string, string>>[]>(
    (combinations, word) =>
      combinations.flatMap((combination) => (values[word] ?? []).map((value) => ({ ...combination, [word]: value }))),
    [{}],
  );
}

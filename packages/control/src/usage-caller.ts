import type { Overrides } from "@headgate/policy";
import type { ApiKey } from "./api-key.ts";
import type { Control } from "./control.ts";
import type { Override } from "./override.ts";
import type { SuspendableCaller } from "./suspension.ts";
import type { Token } from "./token.ts";

/** A caller whose counters are asked for, with what it has of its own. */
export interface UsageCaller {
  /** Its name in the `per` of limits, and its value there. */
  readonly caller: SuspendableCaller;
  readonly value: string;
  readonly plan?: string | undefined;
  readonly overrides?: Overrides | undefined;
}

/** Of an account's keys and of its tokens, so many are looked at. */
const MOST_CREDENTIALS = 100;

/**
 * Those who count for a caller: an account's keys and tokens too, as far as they are good and not too many; `isComplete`
 * says whether these are all.
 */
export async function usageCallersOf(
  control: Control,
  { caller, value }: UsageCaller,
  now: number,
): Promise<{ callers: readonly UsageCaller[]; isComplete: boolean }> {
  switch (caller) {
    case "ip":
      return { callers: [{ caller, value }], isComplete: true };
    case "api-key":
      return { callers: [await keyCaller(control, await control.keys.get(value))], isComplete: true };
    case "token":
      return { callers: [await tokenCaller(control, await control.tokens.get(value))], isComplete: true };
    case "account":
      return accountCallers(control, value, now);
  }
}

async function accountCallers(
  control: Control,
  accountId: string,
  now: number,
): Promise<{ callers: readonly UsageCaller[]; isComplete: boolean }> {
  const { plan } = await control.accounts.get(accountId);
  const overrides = overridesOf([await overridesOn(control, accountId)]);
  const page = { limit: MOST_CREDENTIALS };
  const [keys, tokens] = await Promise.all([
    control.keys.list({ accountId }, page),
    control.tokens.list({ accountId }, page),
  ]);
  const isGood = ({ revokedAt, expiresAt }: ApiKey | Token): boolean =>
    revokedAt === undefined && (expiresAt === undefined || expiresAt > now);
  const credentials = await Promise.all([
    ...keys.items.filter(isGood).map((key) => keyCaller(control, key)),
    ...tokens.items.filter(isGood).map((token) => tokenCaller(control, token)),
  ]);
  return {
    callers: [{ caller: "account", value: accountId, plan, overrides }, ...credentials],
    isComplete: keys.next === undefined && tokens.next === undefined,
  };
}

async function keyCaller(control: Control, { id, accountId }: ApiKey): Promise<UsageCaller> {
  return { caller: "api-key", value: id, ...(await standingOf(control, id, accountId)) };
}

async function tokenCaller(control: Control, { id, keyId, accountId }: Token): Promise<UsageCaller> {
  return { caller: "token", value: id, ...(await standingOf(control, keyId, accountId)) };
}

async function standingOf(
  control: Control,
  keyId: string,
  accountId: string,
): Promise<Pick<UsageCaller, "plan" | "overrides">> {
  const [{ plan }, own, shared] = await Promise.all([
    control.accounts.get(accountId),
    overridesOn(control, keyId),
    overridesOn(control, accountId),
  ]);
  return { plan, overrides: overridesOf([own, shared]) };
}

/** All overrides of one subject: there is one for each limit at most, so there are few. */
async function overridesOn(control: Control, subjectId: string): Promise<Override[]> {
  const all: Override[] = [];
  let after: string | undefined;
  do {
    const page = await control.overrides.list({ subjectId }, { after, limit: 100 });
    all.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return all;
}

/** The foremost list first. */
function overridesOf(lists: readonly (readonly Override[])[]): Overrides {
  return {
    of(limit, now) {
      for (const list of lists) {
        const found = list.find(
          (override) => override.limit === limit && (override.expiresAt === undefined || override.expiresAt > now),
        );
        if (found) return found.change;
      }
      return undefined;
    },
  };
}

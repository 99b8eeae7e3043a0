import type { Policy, PolicyLimit, Refusal, SuspensionRule } from "@headgate/policy";
import { blocks, fenced, list } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import { refusalText } from "../staged/http-text.ts";
import type { Subject } from "../subject.ts";
import { countsBody } from "../words/allowance.ts";
import { callerLabel } from "../words/caller.ts";
import { credentialLabel } from "../words/condition.ts";
import { anyOfLimits } from "../words/limit-label.ts";
import { enumeration, number } from "../words/quantity.ts";
import { duration } from "../words/window.ts";

export const REFUSALS_PAGE: PagePlan = {
  name: "refusals",
  title: "Refusals",
  summary: "What you are answered over a limit, and in other cases where nothing is done for you.",
  sections: [
    { id: "limited", heading: "Over a limit", write: limited },
    { id: "too-large", heading: "A body that is too large", write: tooLarge },
    { id: "unauthenticated", heading: "Without a valid credential", write: unauthenticated },
    { id: "suspended", heading: "Suspended", write: suspended },
  ],
};

/** The refusal that the example request would meet, and those of limits that refuse in their own way. */
function limited(subject: Subject): string | undefined {
  const { limits, policy, limitedStatuses, stage } = subject;
  if (limits.length === 0) return undefined;
  const usual = [...stage.limits, ...limits].find((limit) => limit.response === undefined && stage.refusalBy(limit));
  const own = limits.filter(({ response }) => response !== undefined);
  return blocks(
    `A request over a limit is answered ${enumeration(limitedStatuses.map(String), "or")}. It was not carried out, and nothing of it was kept.${waitLine(policy)}`,
    usual && example(stage.refusalBy(usual)),
    ...[...Map.groupBy(own, ({ response }) => JSON.stringify(response)).values()].map((group) =>
      blocks(
        `Over the limit ${anyOfLimits(group, policy)}:`,
        example(group.map((limit: PolicyLimit) => stage.refusalBy(limit)).find((refusal) => refusal !== undefined)),
      ),
    ),
  );
}

function waitLine({ responses: { retryAfter } }: Policy): string {
  if (retryAfter === "never") return "";
  return " `Retry-After` says how many seconds to [wait](handling.md).";
}

function example(refusal: Refusal | undefined): string | undefined {
  return refusal && fenced("http", refusalText(refusal));
}

/** Over a cap, or more than a limit that counts what is in the body ever allows. */
function tooLarge({ policy, limits, stage }: Subject): string | undefined {
  const [cap] = policy.bodyCaps;
  const counted = limits.filter(countsBody);
  if (!cap && counted.length === 0) return undefined;
  return blocks(
    cap && "A body over its [size](index.md#size-of-requests) is not read to its end, and nothing of it is kept:",
    cap && example(stage.refusalOfBody(cap)),
    counted.length > 0 &&
      `A request that asks for more than ${anyOfLimits(counted, policy)} allows at once is never admitted:`,
    example(counted.map((limit) => stage.refusalOfCost(limit)).find((refusal) => refusal !== undefined)),
    "Waiting does not help: send less at a time.",
  );
}

/** The events API asks for a credential; whether another API does, the policy does not know. */
function unauthenticated({ policy, stage }: Subject): string | undefined {
  if (policy.credentials !== "managed") return undefined;
  const label = credentialLabel(policy);
  return blocks(
    policy.upstream?.kind === "builtin"
      ? `A request without a valid ${label} is answered:`
      : `A request with a${/^[aeiou]/i.test(label) ? "n" : ""} ${label} that is not valid is answered:`,
    example(stage.refusalOfStranger()),
  );
}

function suspended({ policy, stage }: Subject): string | undefined {
  const { suspensionRules: rules } = policy;
  if (rules.length === 0) return undefined;
  const [rule] = rules as readonly [SuspensionRule];
  const suspendedForSeconds = rule.forMs === undefined ? undefined : Math.ceil(rule.forMs / 1000);
  const ends = rules.some(({ forMs }) => forMs !== undefined);
  return blocks(
    "A caller that is refused again and again is suspended:",
    list(rules.map(ruleLine)),
    `While suspended, a caller is answered as below, whatever is left of any quota${ends ? "; `Retry-After` says how many seconds the suspension still lasts" : ""}.`,
    example(stage.refusalOfSuspended(suspendedForSeconds)),
  );
}

function ruleLine({ per, denials, withinMs, forMs }: SuspensionRule): string {
  const end = forMs === undefined ? "until we lift the suspension" : `for ${duration(forMs)}`;
  return `${number(denials)} refusals of one ${callerLabel(per)} within ${duration(withinMs)}: suspended ${end}.`;
}

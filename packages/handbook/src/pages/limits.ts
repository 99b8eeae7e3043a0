import type { PolicyLimit } from "@headgate/policy";
import { blocks, code, escaped, fenced, list, table } from "../markdown.ts";
import type { PagePlan } from "../page.ts";
import type { Subject } from "../subject.ts";
import { allowance, period } from "../words/allowance.ts";
import { counterLabel } from "../words/caller.ts";
import { requestsWhere } from "../words/condition.ts";
import { limitLabel } from "../words/limit-label.ts";
import { capitalised, enumeration, number, size } from "../words/quantity.ts";
import { duration } from "../words/window.ts";
import { counting } from "./counting.ts";

export const LIMITS_PAGE: PagePlan = {
  name: "index",
  title: "Rate limits",
  summary: "The limits, whom they count, and how.",
  sections: [
    { id: "introduction", write: introduction },
    { id: "limits", heading: "Limits", write: limits },
    { id: "plans", heading: "Plans", write: plans },
    { id: "counting", heading: "How requests are counted", write: counting },
    { id: "body-size", heading: "Size of requests", write: bodySize },
    { id: "tokens", heading: "Tokens", write: tokens },
  ],
};

function introduction({ policy, limits, limitedStatuses }: Subject): string | undefined {
  if (limits.length === 0) return undefined;
  const showsStanding = policy.responses.headers.style !== "none";
  return [
    `${escaped(policy.title)} limits how much each caller may ask of it in a given time, so that there is enough for everybody.`,
    ...(showsStanding ? ["Its answers [say where you stand](headers.md)."] : []),
    `A request over a limit is [refused](refusals.md) with ${enumeration(limitedStatuses.map(String), "or")}: [wait](handling.md), and make it again.`,
  ].join(" ");
}

/** A table for all that is counted by the same callers. */
function limits(subject: Subject): string {
  if (subject.limits.length === 0) return "There are no limits on how often you may ask.";
  const groups = Map.groupBy(subject.limits, ({ per }) => headingOf(per));
  const tables = [...groups].map(([heading, group]) =>
    blocks(
      `### ${heading}`,
      table(
        ["Limit", "Applies to", "Allowed"],
        group.map((limit) => rowOf(limit, subject)),
      ),
    ),
  );
  const hasPatterns = tables.some((text) => /`[^`]*\/[^`]*[*{]/.test(text));
  return blocks(...tables, hasPatterns && PATTERNS);
}

const PATTERNS =
  "In a path, `*` stands for any one part of it, as a name in braces does, and `**` for any number of parts.";

function headingOf(per: readonly string[]): string {
  return per.length === 0 ? "For all callers together" : `Per ${enumeration(per.map(counterLabel))}`;
}

function rowOf(policyLimit: PolicyLimit, { policy }: Subject): string[] {
  const { limit, matchSection } = policyLimit;
  const burst = limit.algorithm === "token-bucket" ? `, at most ${number(limit.capacity)} at once` : "";
  return [
    limitLabel(policyLimit, policy),
    capitalised(requestsWhere(matchSection, policy)),
    `${allowance(policyLimit, limit)}${burst}`,
  ];
}

function plans({ policy, limits }: Subject): string | undefined {
  const names = [...new Set([...policy.plans, ...policy.docs.plans.keys()])];
  if (names.length === 0) return undefined;
  const texts = [...policy.docs.plans].map(([name, text]) => `**${escaped(name)}**: ${escaped(text)}`);
  const differing = limits.filter((limit) => limit.plans.size > 0);
  const columns = names.filter((name) => differing.some((limit) => limit.plans.has(name)));
  const rows = differing.map((limit) => [
    `${limitLabel(limit, policy)}, ${period(limit.limit)}`,
    number(limit.limit.quota),
    ...columns.map((name) => number((limit.plans.get(name) ?? limit.limit).quota)),
  ]);
  return blocks(
    texts.length > 0 && list(texts),
    rows.length > 0 && table(["Limit", "No plan", ...columns.map(escaped)], rows),
    rows.length > 0 &&
      "A change of plan applies at once: what you have used stays used, and the rest of the new quota is yours.",
  );
}

function bodySize({ policy }: Subject): string | undefined {
  if (policy.bodyCaps.length === 0) return undefined;
  const rows = policy.bodyCaps.map((cap) => [capitalised(requestsWhere(cap.matchSection, policy)), size(cap.maxBytes)]);
  return blocks(
    table(["Applies to", "Largest body"], rows),
    "1 KB is 1,024 bytes. A larger body is [refused](refusals.md#a-body-that-is-too-large), and nothing of it is used.",
  );
}

function tokens({ policy }: Subject): string | undefined {
  const { tokenPath, tokenLifetimeMs } = policy.issuing;
  if (tokenPath === undefined) return undefined;
  return blocks(
    `${code(`POST ${tokenPath}`)} gives a token for a key: show the key's id and secret, and the answer has the token as \`access_token\`.`,
    fenced("sh", `curl ${policy.docs.baseUrl}${tokenPath} -u "$KEY_ID:$KEY" -d grant_type=client_credentials`),
    `A token lives ${duration(tokenLifetimeMs)} unless you ask for less: use it until then, rather than one for each request. ` +
      "One that has expired is [refused](refusals.md), and requests with it count as those without a valid credential.",
  );
}

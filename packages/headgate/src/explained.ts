import { HeadgateError, printable } from "@headgate/core";
import {
  type Explanation,
  explain,
  type Facts,
  type LimitExplanation,
  ON_RECORD,
  type Policy,
  readTarget,
} from "@headgate/policy";
import { style } from "./style.ts";

/** What is asked about a request, and how it is told. */
export interface ExplainOptions {
  readonly header: readonly string[];
  readonly ip: string;
  readonly plan?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Which limits a request meets, and why the others are not met. Throws `HG_REQUEST_…` for one that a gate would refuse. */
export function explained(policy: Policy, method: string, url: string, options: ExplainOptions): string {
  const facts = factsOf(policy, method, url, options);
  return format(facts, explain(policy, facts), options);
}

/** The request as the gate would see it. A credential counts as valid, and as on record: that is what one asks about. */
function factsOf(policy: Policy, method: string, url: string, { header, ip, plan }: ExplainOptions): Facts {
  const target = readTarget(url.split("#", 1)[0] as string);
  if (!target) {
    throw new HeadgateError("HG_REQUEST_PATH", `${url} would be refused with 400: it cannot be matched safely`);
  }
  const { path, query } = target;
  const headers = Object.fromEntries(header.map(parseHeader));
  const presented = policy.callers.read({ headers, query, peerAddress: ip });
  if (!presented)
    throw new HeadgateError("HG_REQUEST_CALLER", "refused with 400: it names one caller in two ways that differ");
  const authenticated = policy.callers.credentialOf(presented) !== undefined;
  const isOnRecord = authenticated && policy.credentials === "managed";
  const callers = isOnRecord ? { ...presented, account: ON_RECORD } : presented;
  return { method, path, headers, callers, authenticated, plan: planOf(policy, plan) };
}

function planOf({ plans, credentials }: Policy, plan: string | undefined): string | undefined {
  if (plan !== undefined && credentials !== "managed") {
    throw new HeadgateError(
      "HG_USAGE",
      `--plan ${plan}: credentials: ${credentials} tells no plans, so nobody has one`,
    );
  }
  if (plan === undefined || plans.includes(plan)) return plan;
  const known = plans.length === 0 ? "the policy has no plans" : `the policy has ${printable(plans.join(", "))}`;
  throw new HeadgateError("HG_USAGE", `--plan ${plan} is not a plan; ${known}`);
}

function parseHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(":");
  if (colon < 1) throw new HeadgateError("HG_USAGE", `-H '${text}' is not a header; write it as 'name: value'`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

function format(
  { method, path, callers }: Facts,
  explanations: readonly Explanation[],
  { json, quiet }: ExplainOptions,
): string {
  if (json) return `${JSON.stringify({ method, path, explanations }, null, 2)}\n`;
  if (quiet) return explanations.map(({ name, applies }) => (applies ? `${name}\n` : "")).join("");
  const lines = explanations.map((explanation) => {
    const mark = explanation.applies ? style("green", "meets") : style("gray", "skips");
    return `  ${mark}  ${style("bold", explanation.name)}: ${printable(inWords(explanation))}\n`;
  });
  const whose = callers.account === ON_RECORD ? ", with a credential on record" : "";
  return `${method} ${path}${whose}\n${lines.join("")}`;
}

function inWords(explanation: Explanation): string {
  if (!explanation.applies || explanation.kind === "body-cap") return explanation.reason;
  const { reason, quota, window, burst, cost, mode } = explanation;
  const allowed = window === undefined ? `${quota} at once` : `${quota} per ${window}`;
  return [
    `${reason}; ${allowed}`,
    ...(burst === undefined ? [] : [`at most ${burst} at once`]),
    ...costInWords(cost),
    ...(mode === "shadow" ? ["in shadow: it never refuses"] : []),
  ].join(", ");
}

/** What a request costs, where that is not one. */
function costInWords(cost: LimitExplanation["cost"]): string[] {
  switch (cost.kind) {
    case "units":
      return cost.units === 1 ? [] : [`a request costs ${cost.units}`];
    case "bytes":
      return ["counted in bytes of the body"];
    case "items":
      return [`counted in items of ${cost.pointer === "" ? "the body" : cost.pointer}`];
    case "response-header":
      return [`a request costs what the answer's ${cost.name} says`];
  }
}

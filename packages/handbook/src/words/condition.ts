import { listOf, type MatchSection, type Policy } from "@headgate/policy";
import { CREDENTIALS } from "../credential.ts";
import { code, escaped } from "../markdown.ts";
import { callerLabel } from "./caller.ts";
import { endpointLabel } from "./endpoint.ts";
import { enumeration } from "./quantity.ts";

/** Which requests a `match` is about, as Markdown: POST requests to /v1/** with a valid API key. */
export function requestsWhere(match: MatchSection, policy: Policy): string {
  const parts = partsOf(match, policy);
  const methods = listOf(match.methods).map(code);
  const isEvery = methods.length === 0 && parts.length === 0;
  const subject = methods.length > 0 ? `${enumeration(methods)} requests` : isEvery ? "every request" : "requests";
  const requests = [subject, ...parts].join(" ");
  if (match.not === undefined) return requests;
  return `${requests}, except ${requestsWhere(match.not, policy).replace(/^requests/, "those")}`;
}

/** What a `match` asks of requests besides their method and path: with a valid API key. Empty where that is nothing. */
export function callersWhere({ authenticated, plan, headers }: MatchSection, policy: Policy): string {
  return partsOf({ authenticated, plan, headers }, policy).join(" ");
}

function partsOf({ path, endpoint, authenticated, plan, headers = {} }: MatchSection, policy: Policy): string[] {
  const parts: string[] = [];
  const paths = listOf(path);
  if (paths.length > 0) parts.push(`to ${enumeration(paths.map(code), "or")}`);
  const endpoints = listOf(endpoint).map((group) => endpointLabel(group, policy));
  if (endpoints.length > 0) parts.push(`to ${enumeration(endpoints, "or")}`);
  if (authenticated !== undefined) parts.push(`with${authenticated ? "" : "out"} a valid ${credentialLabel(policy)}`);
  const plans = listOf(plan);
  if (plans.length > 0) parts.push(`on the plan ${enumeration(plans.map(escaped), "or")}`);
  const shown = Object.entries(headers).map(([name, value]) => code(value === true ? name : `${name}: ${value}`));
  if (shown.length > 0) parts.push(`with the header${shown.length > 1 ? "s" : ""} ${enumeration(shown)}`);
  return parts;
}

/** `API key or token`: what counts as a credential. */
export function credentialLabel({ callers }: Policy): string {
  const kinds = CREDENTIALS.filter((caller) => callers.sections.has(caller));
  return kinds.length === 0 ? "credential" : enumeration(kinds.map(callerLabel), "or");
}

import type { CallerSection, Policy } from "@headgate/policy";
import { callerLabel } from "./words/caller.ts";

/** The callers that are credentials, the foremost first. */
export const CREDENTIALS: readonly string[] = ["api-key", "token", "account"];

/** What a caller shows, as examples and samples write it. */
export interface Credential {
  readonly caller: string;
  /** As people call it: `API key`. */
  readonly label: string;
  /** The environment variable that samples read it from. */
  readonly variable: string;
  /** Where requests carry it: in a header, after some text, or in the query. */
  readonly place: { readonly header: string; readonly before: string } | { readonly query: string };
  /** How one begins; empty where any may. */
  readonly beginning: string;
}

/** What the policy's callers show: of several, what counts as a credential first. Undefined where they show nothing. */
export function credentialOf(policy: Policy): Credential | undefined {
  const { sections } = policy.callers;
  const caller = CREDENTIALS.find((name) => sections.has(name)) ?? [...sections.keys()][0];
  const section = caller === undefined ? undefined : sections.get(caller);
  if (caller === undefined || section === undefined) return undefined;
  const { bearer } = section;
  const [beginning = ""] = bearer === undefined || bearer === true ? [] : [bearer].flat();
  const isJwt = section["jwt-claim"] !== undefined;
  return {
    caller,
    label: isJwt ? "JWT" : callerLabel(caller),
    variable: isJwt ? "JWT" : variableOf(caller),
    place: placeOf(section),
    beginning,
  };
}

/** `API_KEY`; `MY_USER`, as `USER` is somebody else's. */
function variableOf(caller: string): string {
  const name = caller.toUpperCase().replace(/[^A-Z0-9]/g, "_");
  return CREDENTIALS.includes(caller) ? name : `MY_${name}`;
}

function placeOf({ bearer, header, query, cookie, "jwt-claim": claim }: CallerSection): Credential["place"] {
  if (bearer !== undefined || claim !== undefined) return { header: "Authorization", before: "Bearer " };
  if (header !== undefined) return { header, before: "" };
  if (cookie !== undefined) return { header: "Cookie", before: `${cookie}=` };
  return { query: query ?? "" };
}

import { code } from "../markdown.ts";

const LABELS: Readonly<Record<string, string>> = {
  "api-key": "API key",
  token: "token",
  account: "account",
  ip: "IP address",
};

/** A caller as callers know it: `API key`. One that the policy named itself is code. */
export function callerLabel(caller: string): string {
  return LABELS[caller] ?? code(caller);
}

/** A word of `per`: a caller, or `endpoint` or `method`. */
export function counterLabel(word: string): string {
  return word === "endpoint" || word === "method" ? word : callerLabel(word);
}

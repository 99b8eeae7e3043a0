import { HeadgateError } from "@headgate/core";

const SCOPE = /^[a-z0-9][a-z0-9:._-]{0,63}$/;
const MOST_SCOPES = 32;

/** What a key may do that was made without scopes. */
export const DEFAULT_SCOPES: readonly string[] = ["read", "write"];

/** Throws `HG_SCOPES_INVALID` where these cannot be the scopes of a credential. */
export function checkScopes(scopes: readonly string[]): void {
  if (scopes.length > MOST_SCOPES) throw invalid(`There are more than ${MOST_SCOPES} scopes.`);
  if (new Set(scopes).size < scopes.length) throw invalid("A scope is named twice.");
  const odd = scopes.find((scope) => !SCOPE.test(scope));
  if (odd === undefined) return;
  const rule = "lower-case letters, digits and : . _ -, at most 64, a letter or digit first";
  throw invalid(`${JSON.stringify(odd.slice(0, 80))} is no scope: use ${rule}.`);
}

/** The same, and where they are more than the key's own. */
export function checkScopesWithin(scopes: readonly string[], ofKey: readonly string[]): void {
  checkScopes(scopes);
  const missing = scopes.find((scope) => !ofKey.includes(scope));
  if (missing !== undefined) throw invalid(`The key itself does not have the scope ${missing}.`);
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_SCOPES_INVALID", message);
}

/** Nearly all credentials have one of a few sets of scopes: those share one list. */
const known = new Map<string, readonly string[]>();
const MOST_KNOWN = 1_000;

/** Scopes as they are kept: a JSON array. */
export function scopesOf(json: string): readonly string[] {
  let scopes = known.get(json);
  if (scopes === undefined) {
    scopes = Object.freeze(JSON.parse(json) as string[]);
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(json, scopes);
  }
  return scopes;
}

import type { IncomingMessage } from "node:http";
import type { Identity } from "@headgate/control";

/**
 * Takes the client's own `X-Headgate-…` away, and `X_Headgate_…` or `X.Headgate.…`, which some servers take for the same:
 * only the gateway says such things, so the upstream can rely on them.
 */
export function dropIdentityHeaders({ headers }: IncomingMessage): void {
  for (const name in headers) {
    if (name.charCodeAt(0) === LETTER_X && IDENTITY_HEADER.test(name)) delete headers[name];
  }
}

/** Tells the upstream who is calling: account, credential, plan and scopes. Nothing of callers not on record. */
export function pushIdentity(into: string[], identity: Identity | undefined): void {
  if (!identity) return;
  const { accountId, id, plan, scopes } = identity;
  into.push("X-Headgate-Account", accountId, "X-Headgate-Credential", id, "X-Headgate-Scopes", scopes.join(" "));
  if (plan !== undefined) into.push("X-Headgate-Plan", PLAIN.test(plan) ? plan : encodeURIComponent(plan));
}

/** What every server reads alike in a header. */
const PLAIN = /^[ -~]*$/;
const LETTER_X = 0x78;
const IDENTITY_HEADER = /^x[^a-z0-9]headgate[^a-z0-9]/;

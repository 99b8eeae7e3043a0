import type { Identity } from "@headgate/control";
import type { Callers, CredentialJudge, KnownCaller } from "./credentials.ts";
import type { Records } from "./records.ts";

/**
 * Looks up who is on record, for `credentials: managed`. What was presented goes no further than here: limits count by
 * the ids on record, so no secret can become a partition key. An `account` is whose the credential is, never what the
 * request says it is: else anybody could use up, or get suspended, an account of somebody else.
 */
export class ManagedCallers implements CredentialJudge {
  readonly #directory: Records["directory"] | undefined;

  constructor(directory: Records["directory"] | undefined) {
    this.#directory = directory;
  }

  know(presented: Callers, now: number): KnownCaller | undefined {
    const { "api-key": keySecret, token: tokenSecret } = presented;
    const byKey = this.#identify(keySecret, now);
    const byToken = this.#identify(tokenSecret, now);
    const isRefused = (keySecret !== undefined && !byKey) || (tokenSecret !== undefined && !byToken);
    if (isRefused) return { callers: strangerAmong(presented), authenticated: false, identity: undefined, isRefused };
    if (byKey && byToken && byKey.accountId !== byToken.accountId) return undefined;

    const identity = byKey ?? byToken;
    const callers = strangerAmong(presented);
    if (byKey) callers["api-key"] = countedAsKey(byKey);
    else if (byToken && !byToken.isWidget) callers["api-key"] = countedAsKey(byToken);
    if (byToken) callers.token = byToken.id;
    if (identity) callers.account = identity.accountId;
    return { callers, authenticated: identity !== undefined, identity, isRefused };
  }

  /** The record knows better than the upstream. */
  judge({ authenticated }: KnownCaller): boolean {
    return authenticated;
  }

  #identify(secret: string | undefined, now: number): Identity | undefined {
    return secret === undefined ? undefined : this.#directory?.identify(secret, now);
  }
}

/**
 * Whom a credential counts as where keys are counted: an access token stands for its key, wherever it was presented, or
 * minting tokens would multiply a quota. Widget tokens are for strangers to see, and must not use up their key's: those of one key have one together.
 */
function countedAsKey({ keyId, isWidget }: Identity): string {
  return isWidget ? `${keyId} widgets` : keyId;
}

/** The callers that anybody can be: the address, and what else the policy reads that is on no record. */
function strangerAmong(presented: Callers): Record<string, string> {
  const callers: Record<string, string> = {};
  for (const name in presented) {
    if (name !== "api-key" && name !== "token" && name !== "account") callers[name] = presented[name] as string;
  }
  return callers;
}

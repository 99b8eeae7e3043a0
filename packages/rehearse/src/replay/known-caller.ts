import type { Policy } from "@headgate/policy";

/** Values by caller name. */
export type Callers = Readonly<Record<string, string>>;

/** Who a log says was calling. */
export interface KnownCaller {
  /** What limits count by. */
  readonly callers: Callers;
  readonly authenticated: boolean;
  /** Of whom a suspension can be: under managed credentials the key and its account too, else the address alone. */
  readonly suspendable: Callers;
}

/**
 * Whom a gate would take these callers for, with every credential good: a log does not tell those on record from others.
 * Under `credentials: managed` each credential is a key, and an account, of its own. `isAccepted` says of a credential
 * whether the upstream has accepted it; asked only under `credentials: upstream`.
 */
export function knownCaller(
  { credentials, callers: { credentialOf } }: Policy,
  presented: Callers,
  isAccepted: (credential: string | undefined) => boolean,
): KnownCaller {
  const ip = presented.ip as string;
  if (credentials === "managed") return onRecord(presented, ip);
  const credential = credentialOf(presented);
  const authenticated = credentials === "upstream" ? isAccepted(credential) : credential !== undefined;
  return { callers: presented, authenticated, suspendable: { ip } };
}

/** An account is whose the credential is, never what the request says it is; and a token counts as a key. */
function onRecord({ account: _, ...presented }: Callers, ip: string): KnownCaller {
  const { token, "api-key": presentedKey } = presented;
  const key = presentedKey ?? token;
  if (key === undefined) return { callers: presented, authenticated: false, suspendable: { ip } };
  return {
    callers: { ...presented, "api-key": key, account: key },
    authenticated: true,
    suspendable: { ip, account: key, "api-key": key, ...(token !== undefined && { token }) },
  };
}

import type { Identity } from "@headgate/control";
import type { Policy, RememberedCredentials } from "@headgate/policy";
import { ManagedCallers } from "./managed-callers.ts";
import type { Records } from "./records.ts";

/** Values by caller name. */
export type Callers = Readonly<Record<string, string>>;

/** Who is calling, as far as that is known before the limits are asked. */
export interface KnownCaller {
  /** What limits count by; under `credentials: managed` never a secret. */
  readonly callers: Callers;
  readonly authenticated: boolean;
  /** On record; undefined for strangers, and always where credentials are not managed. */
  readonly identity: Identity | undefined;
  /** A credential was presented that is not valid: if the limits admit the request, the answer is a 401. */
  readonly isRefused: boolean;
}

/** Judges credentials, before the upstream has answered and again when it has. */
export interface CredentialJudge {
  /** Who presented these. Undefined where they are of two different accounts. `now` is epoch ms. */
  know(presented: Callers, now: number): KnownCaller | undefined;
  /** Whether the caller counts as authenticated after all, by what the upstream has answered. */
  judge(caller: KnownCaller, upstreamStatus: number): boolean;
}

/** The judge that a policy asks for. Without a directory, `managed` knows nobody. */
export function credentialJudge(
  { credentials, callers: { credentialOf } }: Policy,
  upstreamKnows: RememberedCredentials,
  directory: Records["directory"] | undefined,
): CredentialJudge {
  if (credentials === "managed") return new ManagedCallers(directory);
  if (credentials === "presented") {
    return {
      know: (callers) => unrecorded(callers, credentialOf(callers) !== undefined),
      judge: ({ authenticated }) => authenticated,
    };
  }
  return {
    know: (callers) => unrecorded(callers, upstreamKnows.isValid(credentialOf(callers))),
    judge: ({ callers, authenticated }, status) => upstreamKnows.judge(credentialOf(callers), status, authenticated),
  };
}

function unrecorded(callers: Callers, authenticated: boolean): KnownCaller {
  return { callers, authenticated, identity: undefined, isRefused: false };
}

import type { Overrides, QuotaOverride } from "@headgate/policy";
import type { Identity } from "./identity.ts";
import type { Widget } from "./widget.ts";

/** An override as the hot path needs it. */
export interface HeldOverride {
  readonly id: string;
  readonly change: QuotaOverride;
  readonly expiresAt: number | undefined;
}

/** By limit name. Never changed, only replaced: identities keep them. */
export type HeldOverrides = ReadonlyMap<string, HeldOverride>;

/** What overrides can be of, and what a change of is seen by every identity that is made of it. */
export class OverrideSubject {
  readonly id: string;
  overrides: HeldOverrides | undefined = undefined;
  /** One more with everything that changes; see {@link Credential.identity}. */
  revision = 0;

  constructor(id: string) {
    this.id = id;
  }
}

/** An account in memory. */
export class HeldAccount extends OverrideSubject {
  plan: string | undefined = undefined;
  version = 0;
}

/** A key or token in memory. */
export class Credential extends OverrideSubject {
  // What every request looks at, side by side: with a million keys it is memory that takes the time.
  /** The key that it was minted from; of a key, itself. */
  readonly key: Credential;
  readonly account: HeldAccount;
  /** Epoch ms; 0 where it is revoked, undefined where it never ends. */
  expiresAt: number | undefined = undefined;
  previousUntil: number | undefined = undefined;
  #identity: Identity | undefined = undefined;
  #identityRevision = -1;

  scopes: readonly string[] = [];
  version = 0;
  secretHash = "";
  previousHash: string | undefined = undefined;
  /** Of a key alone: the tokens that were minted from it and are still in memory. */
  tokens: Set<Credential> | undefined = undefined;
  /** Of a widget token alone. */
  widget: Widget | undefined = undefined;

  constructor(id: string, account: HeldAccount, key?: Credential) {
    super(id);
    this.key = key ?? this;
    this.account = account;
  }

  isKnownBy(hash: string): boolean {
    return hash === this.secretHash || hash === this.previousHash;
  }

  get isToken(): boolean {
    return this.key !== this;
  }

  /** Whether it has neither ended nor been revoked, nor the key of a token. `now` is epoch ms. */
  isAlive(now: number): boolean {
    return this.#isAlive(now) && this.key.#isAlive(now);
  }

  /** Whether it is good now, presented as the secret of this hash. `now` is epoch ms. */
  isGood(hash: string, now: number): boolean {
    if (!this.#isAlive(now)) return false;
    if (this.isToken) return this.key.#isAlive(now);
    return this.previousUntil === undefined || this.previousUntil > now || hash === this.secretHash;
  }

  /** Whose it is. Made when first asked for, and again after something that it is made of has changed. */
  identity(): Identity {
    const revision = this.account.revision + this.key.revision;
    if (this.#identity === undefined || this.#identityRevision !== revision) {
      this.#identity = identityOf(this);
      this.#identityRevision = revision;
    }
    return this.#identity;
  }

  #isAlive(now: number): boolean {
    return this.expiresAt === undefined || this.expiresAt > now;
  }
}

const credentials = new WeakMap<Identity, Credential>();

/** The credential that an identity was made from. */
export function credentialOf(identity: Identity): Credential | undefined {
  return credentials.get(identity);
}

function identityOf(credential: Credential): Identity {
  const { id, key, account, scopes, isToken, widget } = credential;
  const identity: Identity = Object.freeze({
    kind: isToken ? "token" : "key",
    isWidget: widget !== undefined,
    widget,
    id,
    keyId: key.id,
    accountId: account.id,
    plan: account.plan,
    // A key that has lost a scope takes it from its tokens too.
    scopes: isToken ? Object.freeze(scopes.filter((scope) => key.scopes.includes(scope))) : scopes,
    overrides: overridesOf(key.overrides, account.overrides),
  });
  credentials.set(identity, credential);
  return identity;
}

function overridesOf(ofKey: HeldOverrides | undefined, ofAccount: HeldOverrides | undefined): Overrides | undefined {
  if (ofKey === undefined && ofAccount === undefined) return undefined;
  return { of: (limit, now) => current(ofKey?.get(limit), now) ?? current(ofAccount?.get(limit), now) };
}

function current(override: HeldOverride | undefined, now: number): QuotaOverride | undefined {
  if (override === undefined) return undefined;
  return override.expiresAt === undefined || override.expiresAt > now ? override.change : undefined;
}

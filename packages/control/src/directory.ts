import type { AccountRow, ApiKeyRow, OverrideRow, TokenRow } from "@headgate/storage";
import { Credential, credentialOf, HeldAccount, type HeldOverride, type OverrideSubject } from "./credential.ts";
import { Expiries } from "./expiries.ts";
import type { RecordType } from "./id.ts";
import type { Identity } from "./identity.ts";
import { changeOf } from "./override.ts";
import type { RecordRows, RecordState } from "./records.ts";
import { scopesOf } from "./scopes.ts";
import { hashOf, isWellFormed } from "./secret.ts";
import { SecretTable } from "./secret-table.ts";
import type { Suspension } from "./suspension.ts";
import { SuspensionList } from "./suspension-list.ts";
import { widgetOf } from "./widget.ts";

/** Secrets that one sweep forgets: a million at once would hold up requests for most of a second. */
const MOST_SWEPT = 50_000;

/** Of one key at once: each is memory here and in every gate's mirror, and a key may mint as fast as its limits let it. */
export const MOST_TOKENS = 10_000;

/** An override and where it is. */
interface PlacedOverride {
  readonly subject: OverrideSubject;
  readonly limit: string;
  readonly version: number;
}

/**
 * Who is on record, in memory: what the hot path asks. Follows every commit, this process's at once and others' within a
 * second, and stays as it was while the database is away.
 */
export class Directory {
  readonly #accounts = new Map<string, HeldAccount>();
  readonly #keys = new Map<string, Credential>();
  readonly #bySecret = new SecretTable<Credential>();
  readonly #overrides = new Map<string, PlacedOverride>();
  readonly #suspensions = new SuspensionList();
  /** Hashes of secrets that end. */
  readonly #expiries = new Expiries<string>();
  readonly #followers = new Set<(change: RecordState) => void>();
  #tokens = 0;

  /**
   * Whose credential this is. Undefined where it is mistyped, unknown, expired or revoked: nobody is told which. `now`
   * is epoch ms. Synchronous; never throws.
   */
  identify(secret: string, now: number): Identity | undefined {
    if (!isWellFormed(secret)) return undefined;
    const hash = hashOf(secret);
    const credential = this.#bySecret.get(hash);
    return credential?.isGood(hash, now) ? credential.identity() : undefined;
  }

  /** By what another directory of the same records finds whom this one has identified: {@link fromReference}. */
  toReference(identity: Identity): string | undefined {
    return credentialOf(identity)?.secretHash;
  }

  /** Whom another directory of the same records has identified. Undefined where that does not hold any more. */
  fromReference(reference: string, now: number): Identity | undefined {
    const credential = this.#bySecret.get(reference);
    return credential?.isAlive(now) ? credential.identity() : undefined;
  }

  /**
   * Whether who was identified some time ago may still be served: for what goes on for long, such as a stream. `now` is
   * epoch ms.
   */
  isCurrent(identity: Identity, now: number): boolean {
    if (!credentialOf(identity)?.isAlive(now)) return false;
    const { accountId: account, keyId, id, kind } = identity;
    const callers = { account, "api-key": keyId, ...(kind === "token" && { token: id }) };
    return this.suspensionOf(callers, now) === undefined;
  }

  /**
   * The suspension that one of these callers is under, the one that lasts longest of several. `callers` as in Facts:
   * values by caller name, for `account`, `api-key`, `token` and `ip`.
   */
  suspensionOf(callers: Readonly<Record<string, string>>, now: number): Suspension | undefined {
    return this.#suspensions.longestOf(callers, now);
  }

  /** How much of it there is that can be used. */
  get counts(): {
    readonly accounts: number;
    readonly keys: number;
    readonly tokens: number;
    readonly suspensions: number;
  } {
    return {
      accounts: this.#accounts.size,
      keys: this.#keys.size,
      tokens: this.#tokens,
      suspensions: this.#suspensions.size,
    };
  }

  /** Whether a key may get one more token: it has at most {@link MOST_TOKENS} that are good. `now` is epoch ms. */
  hasRoomForToken(keyId: string, now: number): boolean {
    const tokens = this.#keys.get(keyId)?.tokens;
    if (tokens === undefined || tokens.size < MOST_TOKENS) return true;
    // What has ended stays until the next sweep.
    let good = 0;
    for (const token of tokens) if (token.isAlive(now)) good += 1;
    return good < MOST_TOKENS;
  }

  /** Whether there is such an account. None is ever removed, so what is known stays true. */
  hasAccount(id: string): boolean {
    return this.#accounts.has(id);
  }

  /** Takes over a record as it is from now on; undefined where it is gone. What is older than known changes nothing. */
  put<Type extends RecordType>(type: Type, id: string, row: RecordRows[Type] | undefined, now: number): void {
    this.#put(type, id, row, now);
    for (const tell of this.#followers) tell({ type, id, row });
  }

  /** Tells of everything that is put into it from now on, until what this returns is called. */
  onPut(follower: (change: RecordState) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Forgets what has ended, which nobody can use any more; what is too much at once, with the next sweeps. */
  sweep(now: number): void {
    this.#suspensions.sweep(now);
    for (const hash of this.#expiries.take(now, MOST_SWEPT)) {
      const credential = this.#bySecret.get(hash);
      if (credential && !credential.isGood(hash, now)) this.#forgetSecret(hash);
    }
  }

  #put<Type extends RecordType>(type: Type, id: string, row: RecordRows[Type] | undefined, now: number): void {
    // The compiler does not see that the type of the row follows from `type`.
    const record = { type, row } as {
      [Each in RecordType]: { type: Each; row: RecordRows[Each] | undefined };
    }[RecordType];
    if (record.type === "override") this.#putOverride(id, record.row);
    else if (record.row === undefined) return;
    else if (record.type === "account") this.#putAccount(record.row);
    else if (record.type === "key") this.#putKey(record.row);
    else if (record.type === "token") this.#putToken(record.row, now);
    else this.#suspensions.put(record.row, now);
  }

  #putAccount({ id, plan, version }: AccountRow): void {
    const account = this.#accounts.get(id) ?? new HeldAccount(id);
    if (version <= account.version) return;
    account.plan = plan ?? undefined;
    account.version = version;
    account.revision += 1;
    this.#accounts.set(id, account);
  }

  #putKey(row: ApiKeyRow): void {
    const account = this.#accounts.get(row.account_id);
    const held = this.#keys.get(row.id);
    if (account === undefined || row.version <= (held?.version ?? 0)) return;
    if (held) this.#forgetKey(held);
    if (row.revoked_at !== null) return;
    const key = held ?? new Credential(row.id, account);
    key.scopes = scopesOf(row.scopes);
    key.expiresAt = row.expires_at ?? undefined;
    key.secretHash = row.secret_hash;
    key.previousHash = row.previous_hash ?? undefined;
    key.previousUntil = row.previous_until ?? undefined;
    key.version = row.version;
    key.revision += 1;
    this.#keys.set(row.id, key);
    this.#bySecret.set(key.secretHash, key);
    if (key.previousHash === undefined || key.previousUntil === undefined) return;
    this.#bySecret.set(key.previousHash, key);
    this.#expiries.add(key.previousUntil, key.previousHash);
  }

  /** Tokens of a key that is forgotten are forgotten when they expire; until then they see that it is revoked. */
  #forgetKey(key: Credential): void {
    key.expiresAt = 0;
    this.#keys.delete(key.id);
    this.#bySecret.delete(key.secretHash);
    if (key.previousHash !== undefined) this.#bySecret.delete(key.previousHash);
  }

  #putToken(row: TokenRow, now: number): void {
    const key = this.#keys.get(row.key_id);
    if (row.revoked_at !== null || row.expires_at <= now) this.#forgetSecret(row.secret_hash);
    else if (key && this.#bySecret.get(row.secret_hash) === undefined) {
      const token = new Credential(row.id, key.account, key);
      token.scopes = scopesOf(row.scopes);
      token.widget = widgetOf(row);
      token.expiresAt = row.expires_at;
      token.secretHash = row.secret_hash;
      this.#bySecret.set(row.secret_hash, token);
      this.#expiries.add(row.expires_at, row.secret_hash);
      key.tokens ??= new Set();
      key.tokens.add(token);
      this.#tokens += 1;
    }
  }

  #forgetSecret(hash: string): void {
    const credential = this.#bySecret.get(hash);
    if (credential?.isToken) {
      this.#tokens -= 1;
      credential.key.tokens?.delete(credential);
      // Whoever still holds its identity sees that it is no more.
      credential.expiresAt = 0;
    }
    this.#bySecret.delete(hash);
  }

  #putOverride(id: string, row: OverrideRow | undefined): void {
    const held = this.#overrides.get(id);
    if (row === undefined) {
      // Another may have taken its place already.
      if (held?.subject.overrides?.get(held.limit)?.id === id) this.#place(held.subject, held.limit, undefined);
      this.#overrides.delete(id);
      return;
    }
    const subject = (row.subject_type === "account" ? this.#accounts : this.#keys).get(row.subject_id);
    if (subject === undefined || row.version <= (held?.version ?? 0)) return;
    this.#overrides.set(id, { subject, limit: row.limit_name, version: row.version });
    this.#place(subject, row.limit_name, { id, change: changeOf(row), expiresAt: row.expires_at ?? undefined });
  }

  #place(subject: OverrideSubject, limit: string, override: HeldOverride | undefined): void {
    const overrides = new Map(subject.overrides);
    if (override) overrides.set(limit, override);
    else overrides.delete(limit);
    subject.overrides = overrides.size > 0 ? overrides : undefined;
    subject.revision += 1;
  }
}

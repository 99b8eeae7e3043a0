import type { ApiKeyRow } from "@headgate/storage";
import type { Actor } from "./actor.ts";
import { apiKeyJson } from "./admin/records/api-key.ts";
import { type ApiKey, apiKeyOf, isAlive } from "./api-key.ts";
import type { Directory } from "./directory.ts";
import { isIdOf } from "./id.ts";
import { keyRevoked } from "./key-revoked.ts";
import { checkEnd, checkOverlap } from "./lifetime.ts";
import { nameOf } from "./name.ts";
import { type Page, type PageRequest, pageOf, placeOf, rowsFor } from "./page.ts";
import { checkVersion, type Precondition, untilSettled } from "./precondition.ts";
import type { Office } from "./registrar.ts";
import { checkScopes, DEFAULT_SCOPES } from "./scopes.ts";
import { checkPrefix, hashOf, mint, startOf } from "./secret.ts";
import { rowOf } from "./unknown-record.ts";

/** What a key is to be. */
export interface NewKey {
  /** How the secret begins, as the policy says. */
  readonly prefix: string;
  readonly name?: string | undefined;
  /** Default `read` and `write`. */
  readonly scopes?: readonly string[] | undefined;
  /** Epoch ms; undefined never expires. */
  readonly expiresAt?: number | undefined;
}

/** The API keys on record. */
export class ApiKeys {
  readonly #office: Office;
  readonly #directory: Directory;

  constructor(office: Office, directory: Directory) {
    this.#office = office;
    this.#directory = directory;
  }

  /** Throws what {@link create} would refuse of a key, whosever it is. */
  check({ prefix, name, scopes = DEFAULT_SCOPES, expiresAt }: NewKey): void {
    checkPrefix(prefix);
    checkScopes(scopes);
    checkEnd(expiresAt, this.#office.clock());
    if (name !== undefined) nameOf(name);
  }

  /**
   * A new key, with its secret, which nobody can be shown again. Scopes default to `read` and `write`. Rejects with
   * `HG_ACCOUNT_UNKNOWN`, `HG_PREFIX_INVALID`, `HG_NAME_INVALID`, `HG_SCOPES_INVALID` or `HG_LIFETIME_INVALID`.
   */
  async create(fields: NewKey & { accountId: string }, by: Actor): Promise<{ key: ApiKey; secret: string }> {
    const { clock, newId, records, registrar } = this.#office;
    const { accountId, scopes = DEFAULT_SCOPES } = fields;
    const now = clock();
    this.check(fields);
    const secret = mint(fields.prefix);
    const row: ApiKeyRow = {
      id: newId("key"),
      account_id: accountId,
      name: fields.name === undefined ? null : nameOf(fields.name),
      ...secretColumns(secret),
      previous_hash: null,
      previous_until: null,
      scopes: JSON.stringify(scopes),
      expires_at: fields.expiresAt ?? null,
      revoked_at: null,
      version: 1,
      created_at: now,
      updated_at: now,
    };
    // Accounts are never removed, so one that is known needs no second look.
    if (!this.#directory.hasAccount(accountId)) await rowOf(records, "account", accountId);
    const key = apiKeyOf(row);
    const isDone = await registrar.carryOut({
      type: "key",
      id: row.id,
      row,
      statements: [records.key.insert(row)],
      action: "key.created",
      by,
      after: apiKeyJson(key),
    });
    if (!isDone) throw new Error("two keys of one secret: the system's random numbers cannot be trusted");
    return { key, secret };
  }

  /** Rejects with `HG_KEY_UNKNOWN`. */
  async get(id: string): Promise<ApiKey> {
    return apiKeyOf(await rowOf(this.#office.records, "key", id));
  }

  /** In the order they were created. */
  async list(filter: { accountId?: string | undefined } = {}, page: PageRequest = {}): Promise<Page<ApiKey>> {
    const { storage } = this.#office;
    const place = placeOf(page, (text) => isIdOf("key", text));
    let query = storage.build.selectFrom("api_keys").selectAll().orderBy("id").limit(rowsFor(page));
    if (place !== undefined) query = query.where("id", ">", place);
    if (filter.accountId !== undefined) query = query.where("account_id", "=", filter.accountId);
    return pageOf(await storage.read(query.compile()), page, apiKeyOf, ({ id }) => id);
  }

  /** Null takes a name or an end away. Rejects as {@link create} does, and with `HG_KEY_REVOKED`. */
  async update(
    id: string,
    fields: {
      name?: string | null | undefined;
      scopes?: readonly string[] | undefined;
      expiresAt?: number | null | undefined;
    },
    by: Actor,
    precondition: Precondition = {},
  ): Promise<ApiKey> {
    const { scopes } = fields;
    const name = typeof fields.name === "string" ? nameOf(fields.name) : fields.name;
    if (scopes) checkScopes(scopes);
    return this.#change(id, { action: "key.updated", by, precondition }, (before, now) => {
      if (before.revoked_at !== null) throw keyRevoked(before);
      if (fields.expiresAt !== before.expires_at) checkEnd(fields.expiresAt, now);
      const wanted = {
        name: name === undefined ? before.name : name,
        scopes: scopes === undefined ? before.scopes : JSON.stringify(scopes),
        expires_at: fields.expiresAt === undefined ? before.expires_at : fields.expiresAt,
      };
      const isSame = (["name", "scopes", "expires_at"] as const).every((column) => wanted[column] === before[column]);
      return isSame ? undefined : wanted;
    });
  }

  /**
   * A new secret; the old one is good for `overlapMs` more. Rotating again within it ends the oldest at once. Rejects with
   * `HG_KEY_UNKNOWN`, `HG_KEY_REVOKED`, `HG_PREFIX_INVALID`, `HG_LIFETIME_INVALID` or `HG_VERSION_CONFLICT`.
   */
  async rotate(
    id: string,
    { prefix, overlapMs }: { prefix: string; overlapMs: number },
    by: Actor,
    precondition: Precondition = {},
  ): Promise<{ key: ApiKey; secret: string }> {
    checkOverlap(overlapMs);
    const secret = mint(prefix);
    const key = await this.#change(id, { action: "key.rotated", by, precondition }, (before, now) => {
      if (!isAlive(before, now)) throw keyRevoked(before);
      const hasOverlap = overlapMs > 0;
      return {
        ...secretColumns(secret),
        previous_hash: hasOverlap ? before.secret_hash : null,
        previous_until: hasOverlap ? now + overlapMs : null,
      };
    });
    return { key, secret };
  }

  /** For good, with all its tokens. A key that is revoked already stays as it is. Rejects with `HG_KEY_UNKNOWN`. */
  async revoke(id: string, by: Actor, precondition: Precondition = {}): Promise<ApiKey> {
    return this.#change(id, { action: "key.revoked", by, precondition }, (before, now) =>
      before.revoked_at === null ? { revoked_at: now } : undefined,
    );
  }

  /** Reads the key, asks what is to be other (undefined: nothing), and writes it unless somebody was faster. */
  #change(
    id: string,
    { action, by, precondition }: { action: string; by: Actor; precondition: Precondition },
    changesOf: (before: ApiKeyRow, now: number) => Partial<ApiKeyRow> | undefined,
  ): Promise<ApiKey> {
    const { clock, records, registrar } = this.#office;
    return untilSettled(async () => {
      const before = await rowOf(records, "key", id);
      checkVersion(before.version, precondition);
      const now = clock();
      const changes = changesOf(before, now);
      if (changes === undefined) return apiKeyOf(before);
      const row = { ...before, ...changes, version: before.version + 1, updated_at: now };
      const key = apiKeyOf(row);
      const isDone = await registrar.carryOut({
        type: "key",
        id,
        row,
        statements: [records.key.replace(row)],
        action,
        by,
        before: apiKeyJson(apiKeyOf(before)),
        after: apiKeyJson(key),
      });
      return isDone ? key : undefined;
    });
  }
}

function secretColumns(secret: string): Pick<ApiKeyRow, "start" | "secret_hash"> {
  return { start: startOf(secret), secret_hash: hashOf(secret) };
}

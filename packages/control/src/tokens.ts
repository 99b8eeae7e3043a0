import { HeadgateError } from "@headgate/core";
import type { TokenRow } from "@headgate/storage";
import { sql } from "kysely";
import type { Actor } from "./actor.ts";
import { tokenJson } from "./admin/records/token.ts";
import { isAlive } from "./api-key.ts";
import { type Directory, MOST_TOKENS } from "./directory.ts";
import { isIdOf } from "./id.ts";
import { keyRevoked } from "./key-revoked.ts";
import { checkLifetime } from "./lifetime.ts";
import { type Page, type PageRequest, pageOf, placeOf, rowsFor } from "./page.ts";
import { checkVersion, type Precondition, untilSettled } from "./precondition.ts";
import type { Office } from "./registrar.ts";
import { checkScopesWithin, scopesOf } from "./scopes.ts";
import { hashOf, mint, startOf } from "./secret.ts";
import { type Token, tokenOf } from "./token.ts";
import { rowOf, unknownRecord } from "./unknown-record.ts";
import { checkWidget } from "./widget.ts";

const WIDGET_SCOPES: readonly string[] = ["read"];

/** The tokens on record. */
export class Tokens {
  readonly #office: Office;
  readonly #directory: Directory;

  constructor(office: Office, directory: Directory) {
    this.#office = office;
    this.#directory = directory;
  }

  /**
   * A new token, with its secret, which nobody can be shown again. It ends with its key at the latest. Rejects with
   * `HG_KEY_UNKNOWN`, `HG_KEY_REVOKED`, `HG_KEY_TOKENS_FULL`, `HG_PREFIX_INVALID`, `HG_LIFETIME_INVALID`,
   * `HG_SCOPES_INVALID` or `HG_WIDGET_INVALID`. Those that are being minted do not count yet.
   */
  async mint(
    fields: {
      keyId: string;
      kind: "access" | "widget";
      prefix: string;
      lifetimeMs: number;
      /** Within the key's; default the key's own; a widget's are always `read`. */
      scopes?: readonly string[] | undefined;
      /** A widget's alone, and at most one of the two: strangers see its token, and all that it shows. */
      actor?: string | undefined;
      target?: string | undefined;
    },
    by: Actor,
  ): Promise<{ token: Token; secret: string }> {
    const { clock, newId, records, registrar } = this.#office;
    checkLifetime(fields.lifetimeMs);
    checkWidget(fields.kind, fields);
    const secret = mint(fields.prefix);
    const key = await rowOf(records, "key", fields.keyId);
    const now = clock();
    if (!isAlive(key, now)) throw keyRevoked(key);
    const ofKey = scopesOf(key.scopes);
    const scopes = scopesFor(fields, ofKey);
    checkScopesWithin(scopes, ofKey);
    if (!this.#directory.hasRoomForToken(key.id, now)) throw tokensFull(key.id);
    const row: TokenRow = {
      id: newId("token"),
      account_id: key.account_id,
      key_id: key.id,
      kind: fields.kind,
      actor: fields.actor ?? null,
      target: fields.target ?? null,
      start: startOf(secret),
      secret_hash: hashOf(secret),
      scopes: JSON.stringify(scopes),
      expires_at: Math.min(now + fields.lifetimeMs, key.expires_at ?? Number.POSITIVE_INFINITY),
      revoked_at: null,
      version: 1,
      created_at: now,
      updated_at: now,
    };
    const token = tokenOf(row);
    const isDone = await registrar.carryOut({
      type: "token",
      id: row.id,
      row,
      statements: [records.token.insert(row)],
      action: "token.minted",
      by,
      after: tokenJson(token),
    });
    if (!isDone) throw new Error("two tokens of one secret: the system's random numbers cannot be trusted");
    return { token, secret };
  }

  /** A token whose key is revoked shows as revoked. Rejects with `HG_TOKEN_UNKNOWN`. */
  async get(id: string): Promise<Token> {
    return tokenOf(await this.#rowOf(id));
  }

  /** In the order they were minted. */
  async list(
    filter: { accountId?: string | undefined; keyId?: string | undefined } = {},
    page: PageRequest = {},
  ): Promise<Page<Token>> {
    const place = placeOf(page, (text) => isIdOf("token", text));
    let query = this.#select().orderBy("tokens.id").limit(rowsFor(page));
    if (place !== undefined) query = query.where("tokens.id", ">", place);
    if (filter.accountId !== undefined) query = query.where("tokens.account_id", "=", filter.accountId);
    if (filter.keyId !== undefined) query = query.where("tokens.key_id", "=", filter.keyId);
    return pageOf(await this.#office.storage.read(query.compile()), page, tokenOf, ({ id }) => id);
  }

  /** For good. A token that is revoked already stays as it is. Rejects with `HG_TOKEN_UNKNOWN`. */
  async revoke(id: string, by: Actor, precondition: Precondition = {}): Promise<Token> {
    const { clock, records, registrar } = this.#office;
    return untilSettled(async () => {
      const before = await this.#rowOf(id);
      checkVersion(before.version, precondition);
      if (before.revoked_at !== null) return tokenOf(before);
      const now = clock();
      const row = { ...before, revoked_at: now, version: before.version + 1, updated_at: now };
      const token = tokenOf(row);
      const isDone = await registrar.carryOut({
        type: "token",
        id,
        row,
        statements: [records.token.replace(row)],
        action: "token.revoked",
        by,
        before: tokenJson(tokenOf(before)),
        after: tokenJson(token),
      });
      return isDone ? token : undefined;
    });
  }

  async #rowOf(id: string): Promise<TokenRow> {
    const query = this.#select().where("tokens.id", "=", id);
    const [row] = isIdOf("token", id) ? await this.#office.storage.read(query.compile()) : [];
    if (row === undefined) throw unknownRecord("token", id);
    return row;
  }

  /** Tokens as they are in truth: revoked with their key. */
  #select() {
    return this.#office.storage.build
      .selectFrom("tokens")
      .innerJoin("api_keys", "api_keys.id", "tokens.key_id")
      .selectAll("tokens")
      .select(sql<number | null>`coalesce(tokens.revoked_at, api_keys.revoked_at)`.as("revoked_at"));
  }
}

function scopesFor(
  { kind, scopes }: { kind: Token["kind"]; scopes?: readonly string[] | undefined },
  ofKey: readonly string[],
): readonly string[] {
  if (kind === "access") return scopes ?? ofKey;
  if (scopes === undefined || (scopes.length === 1 && scopes[0] === "read")) return WIDGET_SCOPES;
  throw new HeadgateError("HG_SCOPES_INVALID", "A widget's token has the scope read, and no other.");
}

function tokensFull(keyId: string): HeadgateError {
  return new HeadgateError(
    "HG_KEY_TOKENS_FULL",
    `The key ${keyId} has ${MOST_TOKENS} tokens that are good: use one for longer, revoke some, or ask for a shorter life.`,
  );
}

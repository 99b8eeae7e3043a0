import { hash } from "node:crypto";
import { type IdempotencyKeyRow, Prepared, type Statement, type Storage } from "@headgate/storage";
import type { Call } from "../api/route.ts";
import { Refusal } from "../problem.ts";
import { KEY_LIFETIME_MS } from "./event-keys.ts";

/** A request that must not be carried out twice. */
export interface IdempotentRequest {
  readonly accountId: string;
  readonly keyId: string;
  readonly key: string;
  /** Of what was asked: the path and the body. */
  readonly fingerprint: string;
}

const CLAIM = "idempotency-key";
/** Under the 256 that some stores take, as is usual. */
const VALID = /^[!-~]{1,255}$/;

/** The request's `Idempotency-Key`; undefined where it has none. Throws `HG_EVENTS_IDEMPOTENCY_KEY`. */
export function idempotentRequest({ request, identity }: Call): IdempotentRequest | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || !VALID.test(key)) {
    throw new Refusal("HG_EVENTS_IDEMPOTENCY_KEY", "the Idempotency-Key is not 1 to 255 visible ASCII characters");
  }
  const { accountId, keyId } = identity;
  const fingerprint = hash("sha256", Buffer.concat([Buffer.from(`${request.path}\n`), request.body]), "hex");
  return { accountId, keyId, key, fingerprint };
}

/**
 * What was answered under an `Idempotency-Key`, for 24 hours. It is kept with what it is about, in one transaction: a
 * claim without its write would make a retry after a crash believe what never was.
 */
export class IdempotencyKeys {
  readonly #storage: Storage;
  readonly #claim: Prepared<IdempotencyKeyRow & { now: number }>;
  readonly #read: Prepared<Pick<IdempotencyKeyRow, "account_id" | "key_id" | "key">, IdempotencyKeyRow>;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#claim = new Prepared(
      ["account_id", "key_id", "key", "fingerprint", "status", "answer", "expires_at", "now"],
      ({ now, ...row }) => {
        const { fingerprint, status, answer, expires_at } = row;
        return storage.build
          .insertInto("idempotency_keys")
          .values(row)
          .onConflict((on) =>
            on
              .columns(["account_id", "key_id", "key"])
              .doUpdateSet({ fingerprint, status, answer, expires_at })
              .where("idempotency_keys.expires_at", "<=", now),
          );
      },
    );
    this.#read = new Prepared(["account_id", "key_id", "key"], ({ account_id, key_id, key }) =>
      storage.build
        .selectFrom("idempotency_keys")
        .selectAll()
        .where("account_id", "=", account_id)
        .where("key_id", "=", key_id)
        .where("key", "=", key),
    );
  }

  /** Takes the key with the answer that will be given; it must be free. */
  claim(request: IdempotentRequest, status: number, answer: string, now: number): Statement {
    const { accountId: account_id, keyId: key_id, key, fingerprint } = request;
    const expires_at = now + KEY_LIFETIME_MS;
    return this.#claim.statement(
      { account_id, key_id, key, fingerprint, status, answer, expires_at, now },
      { rows: 1, name: CLAIM },
    );
  }

  /** What was answered before; undefined where nothing was. Throws `HG_EVENTS_IDEMPOTENCY_REUSE`. */
  async answered(request: IdempotentRequest, now: number): Promise<string | undefined> {
    const { accountId: account_id, keyId: key_id, key, fingerprint } = request;
    const [row] = await this.#read.rows(this.#storage, { account_id, key_id, key });
    if (row === undefined || row.expires_at <= now) return undefined;
    if (row.fingerprint === fingerprint) return row.answer;
    throw new Refusal(
      "HG_EVENTS_IDEMPOTENCY_REUSE",
      "this Idempotency-Key was used for another request within the last 24 hours: take a new one",
    );
  }
}

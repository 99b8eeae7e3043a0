import { type EventKeyRow, Prepared, type Statement, type Storage } from "@headgate/storage";
import type { EventDraft } from "./event-draft.ts";

/** How long a key stands for what was sent with it. */
export const KEY_LIFETIME_MS: number = 24 * 3_600_000;

/** What became of a key: the event it stands for already, or a fault where that was another event. */
export type KeyHolder = Pick<EventKeyRow, "event_id" | "fingerprint">;

const CLAIM = "event-keys";

/** The `idempotency_key` of events: what is sent again under one is not kept again. */
export class EventKeys {
  readonly #storage: Storage;
  readonly #claim: Prepared<EventKeyRow & { now: number }>;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#claim = new Prepared(["account_id", "key", "event_id", "fingerprint", "expires_at", "now"], (slots) => {
      const { now, ...row } = slots;
      const { event_id, fingerprint, expires_at } = row;
      return storage.build
        .insertInto("event_keys")
        .values(row)
        .onConflict((on) =>
          on
            .columns(["account_id", "key"])
            .doUpdateSet({ event_id, fingerprint, expires_at })
            .where("event_keys.expires_at", "<=", now),
        );
    });
  }

  /** Those of these keys that stand for an event already. */
  async holders(accountId: string, keys: readonly string[], now: number): Promise<ReadonlyMap<string, KeyHolder>> {
    if (keys.length === 0) return new Map();
    const query = this.#storage.build
      .selectFrom("event_keys")
      .select(["key", "event_id", "fingerprint"])
      .where("account_id", "=", accountId)
      .where("key", "in", [...keys])
      .where("expires_at", ">", now);
    return new Map((await this.#storage.read(query.compile())).map(({ key, ...holder }) => [key, holder]));
  }

  /** Takes the keys of these events, all of which must be free; see {@link isTaken}. */
  claim(accountId: string, drafts: readonly EventDraft[], now: number): readonly Statement[] {
    const rows = drafts.flatMap(({ key, fingerprint, event }) =>
      key === undefined
        ? []
        : [
            {
              account_id: accountId,
              key,
              event_id: event.id,
              fingerprint,
              expires_at: now + KEY_LIFETIME_MS,
              now,
            },
          ],
    );
    return rows.length === 0 ? [] : [this.#claim.statementForEach(rows, { rows: rows.length, name: CLAIM })];
  }

  /** Whether this is what was not so when a claim failed: somebody was faster. */
  isTaken(unmet: string): boolean {
    return unmet === CLAIM;
  }
}

import { Prepared, type Storage } from "@headgate/storage";

interface Input {
  readonly now: number;
}

/** Rows that one transaction removes, at most: others wait for it. */
const ROWS_AT_A_TIME = 500;

/** The keys of idempotent requests and events that are no longer known: what came with them may come anew. */
export class ExpiredKeys {
  readonly #storage: Storage;
  readonly #removals: readonly Prepared<Input>[];

  constructor(storage: Storage) {
    const { build } = storage;
    this.#storage = storage;
    // The end is asked for twice: a key may be taken anew between the search for it and its removal.
    this.#removals = [
      new Prepared<Input>(["now"], ({ now }) =>
        build
          .deleteFrom("event_keys")
          .where("expires_at", "<=", now)
          .where(({ eb, refTuple, selectFrom }) =>
            eb(
              refTuple("account_id", "key"),
              "in",
              selectFrom("event_keys")
                .select(["account_id", "key"])
                .where("expires_at", "<=", now)
                .orderBy("expires_at")
                .limit(ROWS_AT_A_TIME)
                .$asTuple("account_id", "key"),
            ),
          ),
      ),
      new Prepared<Input>(["now"], ({ now }) =>
        build
          .deleteFrom("idempotency_keys")
          .where("expires_at", "<=", now)
          .where(({ eb, refTuple, selectFrom }) =>
            eb(
              refTuple("account_id", "key_id", "key"),
              "in",
              selectFrom("idempotency_keys")
                .select(["account_id", "key_id", "key"])
                .where("expires_at", "<=", now)
                .orderBy("expires_at")
                .limit(ROWS_AT_A_TIME)
                .$asTuple("account_id", "key_id", "key"),
            ),
          ),
      ),
    ];
  }

  /** Removes all that have ended, unless it is stopped. Rejects with `HG_STORAGE_…`. */
  async remove(now: number, isStopped: () => boolean): Promise<void> {
    for (const removal of this.#removals) {
      let removed = ROWS_AT_A_TIME;
      while (removed === ROWS_AT_A_TIME && !isStopped()) {
        const { results } = await this.#storage.write([removal.statement({ now })]);
        removed = results[0]?.changes ?? 0;
      }
    }
  }
}

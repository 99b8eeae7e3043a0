import { Prepared, type Statement, type Storage, type Value, type WebhookRow } from "@headgate/storage";
import { sql } from "kysely";

/** Webhooks an account may have, at most. */
export const MOST_WEBHOOKS = 20;
/** What is not so where an account has as many already. */
export const NO_ROOM = "room";

const COLUMNS = [
  "id",
  "account_id",
  "url",
  "types",
  "is_batch",
  "description",
  "secret",
  "previous_secret",
  "previous_until",
  "disabled_at",
  "disabled_reason",
  "failing_since",
  "cursor_seq",
  "lease_owner",
  "lease_until",
  "version",
  "created_at",
  "updated_at",
] as const satisfies readonly (keyof WebhookRow)[];

type Key = Pick<WebhookRow, "account_id" | "id">;

/** How webhooks are read and written. */
export class WebhookRows {
  readonly #storage: Storage;
  readonly #lockAccount: Prepared<Pick<WebhookRow, "account_id">>;
  readonly #room: Prepared<Pick<WebhookRow, "account_id">>;
  readonly #insert: Prepared<WebhookRow>;
  readonly #remove: Prepared<Key & { version: number }>;
  readonly #find: Prepared<Key, WebhookRow>;
  readonly #page: Prepared<Key & { limit: number }, WebhookRow>;

  constructor(storage: Storage) {
    const { build } = storage;
    const rows = build.selectFrom("webhooks").selectAll();
    this.#storage = storage;
    this.#lockAccount = new Prepared(["account_id"], ({ account_id }) =>
      build
        .updateTable("accounts")
        .set(({ ref }) => ({ version: ref("version") }))
        .where("id", "=", account_id),
    );
    this.#room = new Prepared(["account_id"], ({ account_id }) =>
      build
        .selectFrom("webhooks")
        .select(({ fn }) => fn.countAll<number>().as("webhooks"))
        .where("account_id", "=", account_id)
        .having(({ fn }) => fn.countAll(), "<", sql.lit(MOST_WEBHOOKS)),
    );
    this.#insert = new Prepared<WebhookRow>(COLUMNS, (row) => build.insertInto("webhooks").values(row));
    this.#remove = new Prepared(["account_id", "id", "version"], ({ account_id, id, version }) =>
      build
        .deleteFrom("webhooks")
        .where("account_id", "=", account_id)
        .where("id", "=", id)
        .where("version", "=", version),
    );
    this.#find = new Prepared(["account_id", "id"], ({ account_id, id }) =>
      rows.where("account_id", "=", account_id).where("id", "=", id),
    );
    this.#page = new Prepared(["account_id", "id", "limit"], ({ account_id, id, limit }) =>
      rows.where("account_id", "=", account_id).where("id", ">", id).orderBy("id").limit(limit),
    );
  }

  async find(key: Key): Promise<WebhookRow | undefined> {
    const [row] = await this.#find.rows(this.#storage, key);
    return row;
  }

  /** In the order they were created: those after this id. */
  page(accountId: string, after: string, limit: number): Promise<readonly WebhookRow[]> {
    return this.#page.rows(this.#storage, { account_id: accountId, id: after, limit });
  }

  /** A new row, where the account has {@link NO_ROOM room}: others that would take it wait for the account's row. */
  insert(row: WebhookRow): readonly Statement[] {
    return [
      this.#lockAccount.statement(row),
      this.#room.statement(row, { rows: 1, name: NO_ROOM }),
      this.#insert.statement(row),
    ];
  }

  /**
   * Writes these columns of a row that is of the version before still, and no others: what is noted of deliveries
   * meanwhile is not of a new version.
   */
  update({ account_id, id, version }: WebhookRow, changes: Partial<WebhookRow>): Statement {
    const { sql, parameters } = this.#storage.build
      .updateTable("webhooks")
      .set({ ...changes, version: version + 1 })
      .where("account_id", "=", account_id)
      .where("id", "=", id)
      .where("version", "=", version)
      .compile();
    return { sql, parameters: parameters as readonly Value[], expects: { rows: 1, name: "version" } };
  }

  /** Away with a row that is of this version still, and with its deliveries. */
  remove(row: WebhookRow): Statement {
    return this.#remove.statement(row, { rows: 1, name: "version" });
  }
}

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
type Start = { readonly id: string; readonly limit: number };

/** How webhooks are read and written. */
export class WebhookRows {
  readonly #storage: Storage;
  readonly #lockAccount: Prepared<Pick<WebhookRow, "account_id">>;
  readonly #room: Prepared<Pick<WebhookRow, "account_id">>;
  readonly #insert: Prepared<WebhookRow>;
  readonly #remove: Prepared<Key & { version: number }>;
  readonly #find: Prepared<Pick<Key, "id">, WebhookRow>;
  readonly #page: Prepared<Start, WebhookRow>;
  readonly #pageOf: Prepared<Start & Pick<Key, "account_id">, WebhookRow>;

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
    this.#find = new Prepared(["id"], ({ id }) => rows.where("id", "=", id));
    const page = ({ id, limit }: Start) => rows.where("id", ">", id).orderBy("id").limit(limit);
    this.#page = new Prepared(["id", "limit"], page);
    this.#pageOf = new Prepared(["account_id", "id", "limit"], ({ account_id, ...start }) =>
      page(start).where("account_id", "=", account_id),
    );
  }

  /** That of an account, or whosever it is where no account is given. */
  async find(accountId: string | undefined, id: string): Promise<WebhookRow | undefined> {
    const [row] = await this.#find.rows(this.#storage, { id });
    return accountId === undefined || row?.account_id === accountId ? row : undefined;
  }

  /** In the order they were created, an account's or everybody's: those after this id. */
  page(accountId: string | undefined, after: string, limit: number): Promise<readonly WebhookRow[]> {
    const start = { id: after, limit };
    if (accountId === undefined) return this.#page.rows(this.#storage, start);
    return this.#pageOf.rows(this.#storage, { account_id: accountId, ...start });
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

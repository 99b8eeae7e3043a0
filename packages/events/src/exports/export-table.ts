import type { ExportRow, Statement, Storage } from "@headgate/storage";

/** Exports that one account may have under way. */
export const MOST_UNDER_WAY = 5;
const TOO_MANY = "export-few";

/** The exports on record. */
export class ExportTable {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Puts an export on record, unless its account has as many under way as it may have: then false. */
  async add(row: ExportRow): Promise<boolean> {
    const { build } = this.#storage;
    const add = build.insertInto("exports").values(row).compile();
    const isOneOfFew = build
      .selectFrom("exports")
      .select(({ fn }) => fn.countAll().as("count"))
      .where("account_id", "=", row.account_id)
      .where("state", "in", ["queued", "running"])
      .having(({ fn }) => fn.countAll(), "<=", MOST_UNDER_WAY)
      .compile();
    const { unmet } = await this.#storage.write([
      { sql: add.sql, parameters: add.parameters as Statement["parameters"] },
      {
        sql: isOneOfFew.sql,
        parameters: isOneOfFew.parameters as Statement["parameters"],
        expects: { rows: 1, name: TOO_MANY },
      },
    ]);
    return unmet === undefined;
  }

  /** Undefined where there is none, or no more. */
  async get(id: string, now: number): Promise<ExportRow | undefined> {
    const [row] = await this.#storage.read(this.#alive(now).where("id", "=", id).compile());
    return row;
  }

  /** An account's, the newest first, from the one before `before` on. */
  list(accountId: string, now: number, limit: number, before: string | undefined): Promise<ExportRow[]> {
    let query = this.#alive(now).where("account_id", "=", accountId).orderBy("id", "desc").limit(limit);
    if (before !== undefined) query = query.where("id", "<", before);
    return this.#storage.read(query.compile());
  }

  async remove(id: string): Promise<void> {
    await this.#write(this.#storage.build.deleteFrom("exports").where("id", "=", id).compile());
  }

  /** Those that have ended, and been there long enough. */
  async removeExpired(now: number): Promise<void> {
    const { build } = this.#storage;
    const expired = build.deleteFrom("exports").where("state", "in", ["completed", "failed"]);
    await this.#write(expired.where("expires_at", "<=", now).compile());
  }

  /** Which of these are on record. */
  async known(ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const query = this.#storage.build
      .selectFrom("exports")
      .select("id")
      .where("id", "in", [...ids]);
    return new Set((await this.#storage.read(query.compile())).map(({ id }) => id));
  }

  #alive(now: number) {
    return this.#storage.build
      .selectFrom("exports")
      .selectAll()
      .where(({ eb, or }) => or([eb("state", "in", ["queued", "running"]), eb("expires_at", ">", now)]));
  }

  async #write({ sql, parameters }: { readonly sql: string; readonly parameters: readonly unknown[] }): Promise<void> {
    await this.#storage.write([{ sql, parameters: parameters as Statement["parameters"] }]);
  }
}

import { Prepared, type Statement, type Storage } from "@headgate/storage";
import { type Compilable, type CompiledQuery, type Kysely, sql } from "kysely";

/** What every record has, whatever it is of. */
export interface RecordRow {
  readonly id: string;
  readonly version: number;
}

/** Which columns say that something is over: for good, once there is a time in it, or from that time on. */
export interface RowEnds<Row> {
  readonly endedAt?: (keyof Row & string) | undefined;
  readonly endsAt?: (keyof Row & string) | undefined;
}

/** How the rows of one table of records are read and written. */
export class RecordTable<Row extends RecordRow> {
  readonly #storage: Storage;
  readonly #insert: Prepared<Row>;
  readonly #replace: Prepared<Row & { before: number }>;
  readonly #remove: Prepared<RecordRow>;
  readonly #find: Prepared<{ id: string }, Row>;
  readonly #pageAfter: Prepared<{ id: string; limit: number; now: number }, Row>;
  readonly #findAll: (ids: readonly string[]) => CompiledQuery<Row>;

  constructor(storage: Storage, table: string, columns: readonly (keyof Row & string)[], ends: RowEnds<Row> = {}) {
    // One class for five tables: that `table` has the columns of `Row` is what its caller says.
    const build = storage.build as unknown as Kysely<Record<string, RecordRow>>;
    const rows = build.selectFrom(table).selectAll();
    this.#storage = storage;
    this.#insert = new Prepared<Row>(columns, (row) =>
      build
        .insertInto(table)
        .values(row)
        .onConflict((conflict) => conflict.doNothing()),
    );
    this.#replace = new Prepared<Row & { before: number }>([...columns, "before"], ({ before, id, ...row }) =>
      build.updateTable(table).set(row).where("id", "=", id).where("version", "=", before),
    );
    this.#remove = new Prepared<RecordRow>(["id", "version"], ({ id, version }) =>
      build.deleteFrom(table).where("id", "=", id).where("version", "=", version),
    );
    this.#find = new Prepared(["id"], ({ id }) => rows.where("id", "=", id) as unknown as Compilable<Row>);
    this.#findAll = (ids) => rows.where("id", "in", ids).compile() as unknown as CompiledQuery<Row>;
    this.#pageAfter = new Prepared(["id", "limit", "now"], ({ id, limit, now }) => {
      const { endedAt, endsAt } = ends;
      let page = rows.where("id", ">", id).orderBy("id").limit(limit);
      if (endedAt !== undefined) page = page.where(sql.ref(endedAt), "is", null);
      if (endsAt !== undefined) {
        page = page.where(({ or, eb }) => or([eb(sql.ref(endsAt), "is", null), eb(sql.ref(endsAt), ">", now)]));
      }
      return page as unknown as Compilable<Row>;
    });
  }

  /** A new row; nothing of the transaction is kept where something unique about it is there already. */
  insert(row: Row): Statement {
    return this.#insert.statement(row, { rows: 1, name: "unique" });
  }

  /** The row in place of the version before it; nothing of the transaction is kept where that is gone. */
  replace(row: Row): Statement {
    return this.#replace.statement({ ...row, before: row.version - 1 }, { rows: 1, name: "version" });
  }

  /** Away with the row; nothing of the transaction is kept where it is of another version. */
  remove(row: Row): Statement {
    return this.#remove.statement(row, { rows: 1, name: "version" });
  }

  async find(id: string): Promise<Row | undefined> {
    const [row] = await this.#find.rows(this.#storage, { id });
    return row;
  }

  /** Those of them that there are, in no order. */
  findAll(ids: readonly string[]): Promise<readonly Row[]> {
    return this.#storage.read(this.#findAll(ids));
  }

  /** Every row of what has not ended, in pages of at most `limit`. `now` is epoch ms. */
  async *pages(limit: number, now: number): AsyncGenerator<readonly Row[]> {
    let id = "";
    for (;;) {
      const rows = await this.#pageAfter.rows(this.#storage, { id, limit, now });
      if (rows.length > 0) yield rows;
      if (rows.length < limit) return;
      id = rows.at(-1)?.id ?? "";
    }
  }
}

import { hash } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { StatementResult, Value } from "../storage.ts";
import { joined } from "../transaction.ts";

/** Statements that stay prepared. There are some dozens; the bound is for those whose text varies. */
const MAX_PREPARED = 256;

/** Whom to wait for: nobody but a person who looks into the file with another tool. */
const BUSY_TIMEOUT_MS = 5_000;

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
  readonly isQuery: boolean;
}

/** Rows, without their columns' names in each. */
export interface Found {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** One connection to an SQLite file, which keeps statements prepared. Synchronous: it belongs in a thread of its own. */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(file: string, { isReadOnly = false }: { readonly isReadOnly?: boolean } = {}) {
    this.#database = new DatabaseSync(file, {
      readOnly: isReadOnly,
      timeout: BUSY_TIMEOUT_MS,
      enableForeignKeyConstraints: true,
      enableDoubleQuotedStringLiterals: false,
      defensive: true,
    });
    // As PostgreSQL has it. Not kept in the file, so each connection says it.
    this.#database.exec("pragma case_sensitive_like = on");
    this.#database.function("headgate_sha256", { deterministic: true }, (text) => hash("sha256", String(text), "hex"));
  }

  /** Whether a `begin` is waiting for its end. SQLite itself rolls back upon some errors. */
  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs one statement. */
  run(sql: string, parameters: readonly Value[] = []): StatementResult {
    const { statement, returnsRows, isQuery } = this.#prepare(sql);
    const bound = parameters.map(toBound);
    if (!returnsRows) return { changes: Number(statement.run(...bound).changes), rows: [] };
    const rows = statement.all(...bound);
    return { changes: isQuery ? 0 : rows.length, rows };
  }

  /** Runs one statement for each list of parameters; the results are added up. */
  runEach(sql: string, parameterLists: readonly (readonly Value[])[]): StatementResult {
    const { statement, returnsRows } = this.#prepare(sql);
    if (returnsRows) return joined(parameterLists.map((parameters) => this.run(sql, parameters)));
    let changes = 0;
    for (const parameters of parameterLists) changes += Number(statement.run(...parameters.map(toBound)).changes);
    return { changes, rows: [] };
  }

  /** Finds rows, as lists of values: sent to another thread, those take a fifth of the time that objects take. */
  find(sql: string, parameters: readonly Value[]): Found {
    const statement = this.#database.prepare(sql, { returnArrays: true });
    const rows = statement.all(...parameters.map(toBound)) as unknown as Value[][];
    return { columns: statement.columns().map(({ name }) => name), rows };
  }

  /** Runs statements that take no parameters and give nothing back. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  close(): void {
    this.#prepared.clear();
    this.#database.close();
  }

  #prepare(sql: string): Prepared {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      const statement = this.#database.prepare(sql);
      const returnsRows = statement.columns().length > 0;
      prepared = { statement, returnsRows, isQuery: /^\s*(select|values|pragma)\b/i.test(sql) };
      if (this.#prepared.size >= MAX_PREPARED) this.#forgetOldest();
      this.#prepared.set(sql, prepared);
    }
    return prepared;
  }

  #forgetOldest(): void {
    for (const sql of this.#prepared.keys()) {
      this.#prepared.delete(sql);
      return;
    }
  }
}

/** Numbers are bound as floating point else, and `5` becomes `5.0` wherever it is made text. */
function toBound(value: Value): Value {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

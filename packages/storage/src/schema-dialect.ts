import type { Expression, Kysely } from "kysely";

/** What the engines write differently where tables are made. */
export interface SchemaDialect {
  /** Text that is compared byte by byte, so that lists have one order everywhere. */
  readonly text: Expression<unknown>;
  /** Whole numbers, to 2^53 and beyond. */
  readonly integer: Expression<unknown>;
  readonly real: Expression<unknown>;
  /** What ends `create table`. */
  readonly tableOptions: Expression<unknown>;
  /** Makes `headgate_sha256(text)`, SHA-256 in hex, where a connection does not bring it along. */
  installFunctions(db: Kysely<never>): Promise<void>;
}

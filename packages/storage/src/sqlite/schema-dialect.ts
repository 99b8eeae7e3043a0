import { sql } from "kysely";
import type { SchemaDialect } from "../schema-dialect.ts";

/** `integer` and no other name makes a primary key the row's own number. Connections bring `headgate_sha256` along. */
export const sqliteSchema: SchemaDialect = {
  text: sql`text`,
  integer: sql`integer`,
  real: sql`real`,
  tableOptions: sql`strict`,
  async installFunctions() {},
};

import { sql } from "kysely";
import type { SchemaDialect } from "../schema-dialect.ts";

/** Text has its bytes' order whatever the database's collation is. */
export const postgresSchema: SchemaDialect = {
  text: sql`text collate "C"`,
  integer: sql`bigint`,
  real: sql`double precision`,
  tableOptions: sql``,
  async installFunctions(db) {
    await sql`
      create function headgate_sha256(content text) returns text
        language sql immutable strict parallel safe
        as $$ select encode(sha256(convert_to(content, 'UTF8')), 'hex') $$
    `.execute(db);
  },
};

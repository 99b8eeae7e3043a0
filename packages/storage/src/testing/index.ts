export { startPostgres, startPostgresServer, type TestPostgres } from "./postgres.ts";
export type { PostgresServer } from "./postgres-server.ts";
export { type MakePlace, storageConformance } from "./storage-conformance/storage-conformance.ts";

import { HeadgateError } from "@headgate/core";
import { MIGRATION_NAMES } from "./migrations/names.ts";

/** Where it is written which migrations a database has had. Its lock table is Kysely's, for engines without locks. */
export const MIGRATION_TABLE = "headgate_migrations";

/** Whether a database that has had these steps has had all there are. */
export function isUpToDate(applied: readonly string[]): boolean {
  return MIGRATION_NAMES.every((name) => applied.includes(name));
}

/** Throws `HG_STORAGE_NEWER` where a database has had steps that this Headgate does not know. */
export function refuseNewer(applied: readonly string[], where: string): void {
  const known: readonly string[] = MIGRATION_NAMES;
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new HeadgateError(
    "HG_STORAGE_NEWER",
    `${where} was written by a newer Headgate (it has had ${unknown.join(", ")}); nothing was changed: ` +
      "run that version or a later one, or restore a copy from before the upgrade",
  );
}

/** Where records are kept. */
export interface DataPlace {
  /** Holds the database, unless that is PostgreSQL, and always the admin token and the running server's note. */
  readonly folder: string;
  /** A PostgreSQL URL; undefined keeps the records in the folder. */
  readonly databaseUrl: string | undefined;
}

export const DEFAULT_FOLDER = "./.headgate";

/** The place that a command is told of, by `--data` and the environment. */
export function dataPlace(folder: string = DEFAULT_FOLDER): DataPlace {
  return { folder, databaseUrl: process.env.DATABASE_URL || undefined };
}

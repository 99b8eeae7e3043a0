/** The codes of the errors that storage throws, and what each is about; see `docs/reference/errors.md`. */
export const STORAGE_ERRORS = {
  HG_STORAGE_IN_USE: "another process has the data folder open",
  HG_STORAGE_CORRUPT: "the database file is damaged, or is not one of Headgate's",
  HG_STORAGE_NEWER: "the database was written by a newer Headgate",
  HG_STORAGE_UNREACHABLE: "the database does not answer",
  HG_STORAGE_FAILED: "the database refused a statement, or could not carry it out",
  HG_STORAGE_BUSY: "too many writes wait for the database already",
  HG_STORAGE_FOLDER: "the data folder cannot be made or written",
} as const;

/** A code of {@link STORAGE_ERRORS}. */
export type StorageErrorCode = keyof typeof STORAGE_ERRORS;

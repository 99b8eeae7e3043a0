/**
 * Who changes something, for the audit: `admin`, `policy` (a rule of the file), `command`, `events` (the API itself), or a
 * key's id.
 */
export type Actor = string;

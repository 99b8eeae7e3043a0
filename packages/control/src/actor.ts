/** Who changes something, for the audit: `admin`, `policy` (a rule of the file), `command`, or a key's id. */
export type Actor = string;

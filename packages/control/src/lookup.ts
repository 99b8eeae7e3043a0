// What looks callers up, without the admin API and the database: quick to load, for threads that do nothing else.
export { MirroredDirectory, type MirrorSource } from "./directory-mirror.ts";
export { tokenPrefixFor } from "./token-prefix.ts";

import { hash } from "node:crypto";

/** A Lua script, and the name that Redis knows it by once it has been loaded. */
export interface Script {
  readonly source: string;
  /** SHA-1 of the source, in hex. */
  readonly sha: string;
}

/** Makes a script of its source. */
export function defineScript(source: string): Script {
  return { source, sha: hash("sha1", source) };
}

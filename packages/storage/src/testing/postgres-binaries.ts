import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What a server is made with, and run by. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Where Debian puts them: they are not on PATH there. */
const DEBIAN = "/usr/lib/postgresql";

/** A server's programs, on PATH or where Debian has them; undefined where there are none. */
export function findPostgres(): PostgresBinaries | undefined {
  const onPath = (process.env.PATH ?? "").split(delimiter);
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return [...onPath, ...versions.map((version) => join(DEBIAN, version, "bin"))]
    .map((folder) => ({ initdb: join(folder, "initdb"), postgres: join(folder, "postgres") }))
    .find(({ initdb, postgres }) => existsSync(initdb) && existsSync(postgres));
}

/** Whom to run the server as: it refuses to be root. Undefined where this process is not. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error("PostgreSQL refuses to be run by root, and there is no user `postgres` or `nobody`");
}

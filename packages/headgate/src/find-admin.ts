import { existsSync } from "node:fs";
import type { PolicyOutline } from "@headgate/control";
import { HeadgateError } from "@headgate/core";
import { AdminClient } from "./admin-client.ts";
import { accepts, adminOverHttp, isHeadgate } from "./admin-over-http.ts";
import { type AdminToken, knownAdminToken } from "./admin-token.ts";
import { DEFAULT_FOLDER, dataPlace } from "./data-place.ts";
import { isLoopback, readServerNote } from "./server-note.ts";

/** What a command is told of where the records are. */
export interface AdminPlace {
  /** The data folder; undefined where it was not named. */
  readonly data: string | undefined;
  /** Where the admin API is. Then nothing else is tried. */
  readonly adminUrl: URL | undefined;
  /** What holds while no server runs; undefined for the policy that was served last. */
  readonly policy: PolicyOutline | undefined;
  /** Whether the folder may be made where it is not there: what only looks leaves nothing behind. */
  readonly makesFolder: boolean;
}

const USUAL = new URL("http://127.0.0.1:8081");

/**
 * The admin API of the server on the data folder, wherever it listens; where none runs, the records themselves. The
 * admin token goes to no address that is not this machine's, unless `adminUrl` names it.
 */
export async function findAdmin({ data, adminUrl, policy, makesFolder }: AdminPlace): Promise<AdminClient> {
  const place = dataPlace(data);
  const { folder, databaseUrl } = place;
  const token = await knownAdminToken(folder);
  const url = adminUrl ?? (await runningServer(folder)) ?? (await usualServer(token, data !== undefined));
  if (url) return new AdminClient(adminOverHttp(url, tokenFor(url, token, folder)));

  if (!makesFolder && databaseUrl === undefined && !existsSync(folder)) {
    const advice = "name the folder with --data, or begin with `headgate keys create`";
    throw new HeadgateError("HG_DATA_MISSING", `there is no ${folder} and no server that could be asked; ${advice}`);
  }
  // Most commands need no database: they start sooner without its code.
  const { adminInProcess } = await import("./admin-in-process.ts");
  return new AdminClient(await adminInProcess(place, policy));
}

async function runningServer(folder: string): Promise<URL | undefined> {
  const note = await readServerNote(folder);
  const url = note && new URL(note.admin);
  return url && (await isHeadgate(url)) ? url : undefined;
}

/**
 * The server at the usual address, if it is one for the token of the environment. A folder's own token is never tried
 * there: its server would have left a note, and the port is free for anyone on this machine to listen at.
 */
async function usualServer(token: AdminToken | undefined, isFolderNamed: boolean): Promise<URL | undefined> {
  if (isFolderNamed || token?.file !== undefined) return undefined;
  if (token && (await accepts(USUAL, token))) return USUAL;
  // Records made beside a server that runs would be of no use to it: better to say that its token is needed, or another.
  const isStranger = !existsSync(DEFAULT_FOLDER) && !process.env.DATABASE_URL && (await isHeadgate(USUAL));
  return isStranger ? USUAL : undefined;
}

function tokenFor(url: URL, token: AdminToken | undefined, folder: string): AdminToken {
  if (!token) {
    const advice = "set HEADGATE_ADMIN_TOKEN to the one it was started with, or name its data folder with --data";
    const apart = url === USUAL ? `; for records apart from that server's, say --data ${folder}` : "";
    throw new HeadgateError(
      "HG_ADMIN_TOKEN_MISSING",
      `the server at ${url.origin} asks for an admin token, and ${folder} has none; ${advice}${apart}`,
    );
  }
  if (url.protocol === "http:" && !isLoopback(url)) {
    process.stderr.write(`headgate: the admin token goes to ${url.origin} unencrypted; use https or a tunnel\n`);
  }
  return token;
}

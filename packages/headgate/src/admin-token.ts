import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { HeadgateError } from "@headgate/core";
import { createPrivateFile } from "./private-file.ts";

/** What the admin API asks for, and where it is from. */
export interface AdminToken {
  readonly secret: string;
  /** Where it is kept; undefined where the environment gives it. */
  readonly file: string | undefined;
  /** Made just now, so that it is to be shown, this once. */
  readonly isNew: boolean;
}

const VARIABLE = "HEADGATE_ADMIN_TOKEN";
/** What an Authorization header can carry as one word. */
const SENDABLE = /^[\x21-\x7e]+$/;
/** Shorter ones can be guessed, if slowly: wrong tokens are limited. */
const STRONG_LENGTH = 16;

/**
 * The admin token of the environment, else the one that a data folder keeps; undefined where there is neither. Throws
 * `HG_ADMIN_TOKEN_INVALID`, and `HG_STORAGE_FOLDER` where this user may not read it.
 */
export async function knownAdminToken(folder: string): Promise<AdminToken | undefined> {
  const given = process.env[VARIABLE];
  if (given) return { secret: sendable(given, VARIABLE), file: undefined, isNew: false };
  const file = fileIn(folder);
  const kept = await readFile(file, "utf8").catch((error) => absent(error, file));
  return kept === undefined ? undefined : { secret: sendable(kept.trim(), file), file, isNew: false };
}

/** The known admin token, or a new one that the folder keeps from now on. Throws as {@link knownAdminToken} does. */
export async function adminTokenOf(folder: string): Promise<AdminToken> {
  const known = await knownAdminToken(folder);
  if (known) return known;
  const secret = `hg_admin_${randomBytes(32).toString("base64url")}`;
  const file = fileIn(folder);
  const isNew = await createPrivateFile(file, `${secret}\n`).catch((error) => unusable(error, file));
  if (isNew) return { secret, file, isNew };
  // Another process was quicker; or there is a link that leads nowhere.
  return (await knownAdminToken(folder)) ?? unusable(new Error("it is a link to a file that is not there"), file);
}

/** Undoes the making of a token that nobody has been told: the next start makes another, and tells it. */
export async function forgetNewToken({ file, isNew }: AdminToken): Promise<void> {
  if (isNew && file !== undefined) await rm(file, { force: true });
}

function fileIn(folder: string): string {
  return join(folder, "admin-token");
}

/** Whether a token is so short that whoever set it should be told. */
export function isWeak({ secret }: AdminToken): boolean {
  return secret.length < STRONG_LENGTH;
}

function sendable(secret: string, source: string): string {
  if (SENDABLE.test(secret)) return secret;
  const rule = "its characters must be printable ASCII, without blanks";
  throw new HeadgateError("HG_ADMIN_TOKEN_INVALID", `${source} cannot be used: ${rule}; try \`openssl rand -hex 32\``);
}

function absent(error: NodeJS.ErrnoException, file: string): undefined {
  if (error.code !== "ENOENT") unusable(error, file);
}

function unusable(cause: Error, file: string): never {
  const advice = "give its owner's rights, or choose another folder with --data";
  throw new HeadgateError("HG_STORAGE_FOLDER", `${file} cannot be used: ${cause.message}; ${advice}`, { cause });
}

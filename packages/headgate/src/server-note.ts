import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replacePrivateFile } from "./private-file.ts";

/** What a server leaves in its data folder while it runs, so that the command finds it on whatever port. */
export interface ServerNote {
  readonly pid: number;
  /** The URL of its admin port. */
  readonly admin: string;
}

/** Leaves a note, and returns what takes it away. */
export async function leaveServerNote(folder: string, note: ServerNote): Promise<() => Promise<void>> {
  const file = fileIn(folder);
  await replacePrivateFile(file, `${JSON.stringify(note)}\n`);
  return async () => {
    // On PostgreSQL several servers can share a folder: another's note is not ours to take.
    const left = await readServerNote(folder);
    if (left?.pid === note.pid && left.admin === note.admin) await rm(file, { force: true });
  };
}

/** The note of a server whose process is alive; undefined where there is none, or it was left by one that died. */
export async function readServerNote(folder: string): Promise<ServerNote | undefined> {
  try {
    const { pid, admin } = JSON.parse(await readFile(fileIn(folder), "utf8")) as ServerNote;
    return isAlive(pid) && isLoopback(new URL(admin)) ? { pid, admin } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether what is sent there stays on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function fileIn(folder: string): string {
  return join(folder, "server.json");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

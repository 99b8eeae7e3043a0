import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { HeadgateError } from "@headgate/core";
import { unusableFolder } from "./unusable-folder.ts";

/** How long to wait for a process that is just about to end. */
const PATIENCE_MS = 1_000;

/**
 * Keeps a data folder one process's. The lock is SQLite's own on an empty file, which the operating system lets go of
 * when the process ends, however it ends. Nothing else may open that file: closing it would let go of the lock too.
 */
export class FolderLock {
  readonly #lock: DatabaseSync;
  readonly #pidFile: string;

  /** Makes the folder where there is none. Throws `HG_STORAGE_FOLDER` or `HG_STORAGE_IN_USE`. */
  constructor(folder: string) {
    this.#pidFile = join(folder, "headgate.pid");
    const lockFile = join(folder, "headgate.lock");
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#lock = new DatabaseSync(lockFile, { timeout: PATIENCE_MS });
      chmodSync(lockFile, 0o600);
    } catch (error) {
      throw unusableFolder(folder, error);
    }
    try {
      this.#lock.exec("pragma journal_mode = memory; begin immediate");
    } catch (error) {
      this.#lock.close();
      throw isBusy(error) ? inUse(folder, this.#pidFile) : unusableFolder(folder, error);
    }
    try {
      writeFileSync(this.#pidFile, `${process.pid}\n`, { mode: 0o600 });
    } catch (error) {
      this.#lock.close();
      throw unusableFolder(folder, error);
    }
  }

  release(): void {
    rmSync(this.#pidFile, { force: true });
    this.#lock.close();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}

function inUse(folder: string, pidFile: string): HeadgateError {
  return new HeadgateError(
    "HG_STORAGE_IN_USE",
    `the data folder ${folder} is in use by ${owner(pidFile)}; nothing was changed: stop that one, or use another folder`,
  );
}

function owner(pidFile: string): string {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    if (pid === process.pid) return `this process already (${pid})`;
    if (pid > 0) return `process ${pid}`;
  } catch {
    // The owner has the lock and has not yet written who it is.
  }
  return "another process";
}

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HeadgateError } from "@headgate/core";

const NAME = /^lock-(\d{1,9})$/;

/**
 * Keeps a folder for one process of this machine. A lock is a file `lock-N` that names its process; one that a dead process
 * has left is followed by `lock-N+1`, which only one of those who want it can create.
 */
export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws HeadgateError `HG_SPILL_LOCKED` where a process that is alive has it */
  static take(folder: string): FolderLock {
    const before = locksIn(folder);
    for (const number of before) refuseWhereHeld(folder, number);
    const path = pathOf(folder, (before.at(-1) ?? 0) + 1);
    try {
      writeFileSync(path, ownName(), { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") throw locked(folder, "another process, this moment");
      throw error;
    }
    try {
      // Somebody may have taken and released one of the same or a lower number since we looked.
      for (const number of locksIn(folder)) if (pathOf(folder, number) !== path) refuseWhereHeld(folder, number);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    for (const number of before) rmSync(pathOf(folder, number), { force: true });
    return new FolderLock(path);
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

function locksIn(folder: string): number[] {
  const numbers = readdirSync(folder).map((name) => Number(NAME.exec(name)?.[1]));
  return numbers.filter((number) => !Number.isNaN(number)).sort((one, other) => one - other);
}

function pathOf(folder: string, number: number): string {
  return join(folder, `lock-${number}`);
}

function refuseWhereHeld(folder: string, number: number): void {
  const [pid = "", startedAt = ""] = read(pathOf(folder, number)).split(" ");
  if (!isAlive(Number(pid), startedAt)) return;
  throw locked(folder, Number(pid) === process.pid ? "this process itself" : `process ${pid}`);
}

function locked(folder: string, holder: string): HeadgateError {
  return new HeadgateError("HG_SPILL_LOCKED", `${folder} is open already, by ${holder}: one batcher, one folder`);
}

/** The process's id, and when it began: another may have the same id after a restart of the machine or container. */
function ownName(): string {
  return `${process.pid} ${startOf(process.pid)}`;
}

function isAlive(pid: number, startedAt: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const start = startOf(pid);
  return start === "" || startedAt === "" || start === startedAt;
}

/** In ticks since the machine began, where there is a `/proc`; else nothing. */
function startOf(pid: number): string {
  // The name of the program, in parentheses, may hold blanks and parentheses.
  return read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[19] ?? "";
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

import { type FileHandle, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fromLine, type SpillRecord } from "./record.ts";
import { diskError } from "./spill-error.ts";

const NAME = /^(\d{10})\.log$/;

/** A file of the log, that only grows. */
export class Segment {
  readonly number: number;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #isSynced: boolean;
  #size = 0;
  #isSpoilt = false;

  private constructor(number: number, path: string, file: FileHandle, isSynced: boolean) {
    this.number = number;
    this.#path = path;
    this.#file = file;
    this.#isSynced = isSynced;
  }

  /** Makes a new one. Where it `isSynced`, what is appended outlasts the machine, and not only the process. */
  static async create(folder: string, number: number, isSynced: boolean): Promise<Segment> {
    const path = segmentPath(folder, number);
    try {
      const file = await open(path, "ax");
      if (isSynced) await syncFolder(folder);
      return new Segment(number, path, file, isSynced);
    } catch (cause) {
      throw diskError(path, cause);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Whether nothing more may be appended, since it ends with what failed. */
  get isSpoilt(): boolean {
    return this.#isSpoilt;
  }

  /** Resolves when it is written. Where it rejects, nothing of it will be read. */
  async append(lines: Buffer): Promise<void> {
    try {
      await this.#file.appendFile(lines);
      if (this.#isSynced) await this.#file.datasync();
      this.#size += lines.length;
    } catch (cause) {
      // A disk that is full can still cut a file. Where it cannot, what was refused might be found.
      await this.#file.truncate(this.#size).catch(() => {
        this.#isSpoilt = true;
      });
      throw diskError(this.#path, cause);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The numbers of those that are there, the oldest first. */
export async function segmentsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other);
}

/** What a segment holds. */
export interface SegmentContent {
  readonly records: readonly SpillRecord[];
  readonly bytes: number;
  /** Lines that are not as they were written. */
  readonly damaged: number;
}

export async function readSegment(folder: string, number: number): Promise<SegmentContent> {
  const content = await readFile(segmentPath(folder, number));
  const lines = content
    .toString()
    .split("\n")
    .filter((line) => line !== "");
  const records = lines.map(fromLine).filter((record) => record !== undefined);
  return { records, bytes: content.length, damaged: lines.length - records.length };
}

export async function removeSegment(folder: string, number: number): Promise<void> {
  await rm(segmentPath(folder, number), { force: true });
}

function segmentPath(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, "0")}.log`);
}

/** So that a new file's name outlasts the machine too. Not all systems know that of folders, and those need no telling. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ExportRow } from "@headgate/storage";

type Named = Pick<ExportRow, "id" | "format">;

/** The files of exports that this instance has made. */
export class ExportFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, "exports");
  }

  /** Opens an export's file to go on after so many bytes; what was written after them was not taken note of. */
  async open(row: Named, bytes: number): Promise<ExportFile | undefined> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const handle = await open(this.#pathOf(row), bytes === 0 ? "w" : "r+", 0o600).catch(undefinedIfMissing);
    if (!handle) return undefined;
    const file = new ExportFile(handle, bytes);
    if (await file.cutOff()) return file;
    await file.close();
    return undefined;
  }

  /** Whether the whole file is here. */
  async has(row: Named & Pick<ExportRow, "bytes">): Promise<boolean> {
    const found = await stat(this.#pathOf(row)).catch(undefinedIfMissing);
    return found?.size === row.bytes;
  }

  /** The file, as it is taken; opened when the first part is. */
  async *read(row: Named): AsyncGenerator<Uint8Array, void, undefined> {
    yield* createReadStream(this.#pathOf(row)) as AsyncIterable<Uint8Array>;
  }

  /** The ids of exports whose files are here. */
  async ids(): Promise<string[]> {
    const names = (await readdir(this.#folder).catch(undefinedIfMissing)) ?? [];
    return names.map((name) => name.replace(/\..*$/, ""));
  }

  async remove(id: string): Promise<void> {
    for (const format of ["ndjson", "csv"] as const) await rm(this.#pathOf({ id, format }), { force: true });
  }

  #pathOf({ id, format }: Named): string {
    return join(this.#folder, `${id}.${format}`);
  }
}

/** An export's file while it is written. */
export class ExportFile {
  readonly #handle: FileHandle;
  #bytes: number;

  constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Cuts off what is beyond the bytes that count. False where there are fewer. */
  async cutOff(): Promise<boolean> {
    const { size } = await this.#handle.stat();
    if (size < this.#bytes) return false;
    await this.#handle.truncate(this.#bytes);
    return true;
  }

  async append(part: Buffer): Promise<void> {
    let written = 0;
    while (written < part.length) {
      const { bytesWritten } = await this.#handle.write(part, written, part.length - written, this.#bytes + written);
      written += bytesWritten;
    }
    this.#bytes += part.length;
  }

  /** Resolves when all is on disk. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  return undefined;
}

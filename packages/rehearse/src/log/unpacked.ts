import { open } from "node:fs/promises";
import { HeadgateError } from "@headgate/core";
import { gunzipped, isGzip } from "./packed/gzip.ts";
import { PackedBytes } from "./packed/packed-bytes.ts";
import { isZstd, unzstd } from "./packed/zstd.ts";

const CHUNK_BYTES = 256 * 1024;

/** Standard input, as files are named on a command line. */
const STANDARD_INPUT = "-";

/** The bytes of a log, unpacked where its first bytes say that it is packed, whatever it is called. */
export class Unpacked {
  readonly #file: string;
  #bytesRead = 0;
  #isCut = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** Of the file itself, before unpacking. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Whether the file has turned out to end in the middle of its compression, or to be damaged there. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /**
   * A chunk is good until the next one is asked for. Throws `HG_LOG_UNREADABLE`. A file that is cut off gives what there is
   * of it.
   */
  async *chunks(): AsyncGenerator<Buffer> {
    const chunks = this.#read();
    const bytes = new PackedBytes(chunks);
    try {
      if (await isGzip(bytes)) yield* gunzipped(bytes);
      else if (await isZstd(bytes)) yield* unzstd(bytes);
      else for (let some = await bytes.takeSome(); some.length > 0; some = await bytes.takeSome()) yield some;
    } catch (error) {
      if (error instanceof HeadgateError) throw error;
      this.#isCut = true;
    } finally {
      // Whoever goes on no further than to here closes the file, too.
      await chunks.return(undefined);
    }
  }

  async *#read(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#file === STANDARD_INPUT ? process.stdin : readFile(this.#file)) {
        this.#bytesRead += chunk.length;
        yield chunk;
      }
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      throw new HeadgateError("HG_LOG_UNREADABLE", `${this.#file}: ${REASONS[code] ?? message}`, { cause: error });
    }
  }
}

/** Into one buffer over and over: a new one for each chunk would make memory grow until it is collected. */
async function* readFile(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
};

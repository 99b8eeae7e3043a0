import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { HeadgateError } from "@headgate/core";

const CHUNK_BYTES = 256 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** The byte order mark that some editors begin UTF-8 with. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

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

  /** {@link #unpacked}, without what may stand before a text. */
  async *chunks(): AsyncGenerator<Buffer> {
    let isFirst = true;
    for await (const chunk of this.#unpacked()) {
      const isMarked = isFirst && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
      isFirst = false;
      yield isMarked ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk;
    }
  }

  /**
   * A chunk is good until the next one is asked for. Throws `HG_LOG_UNREADABLE`. A file that is cut off gives what there is
   * of it.
   */
  async *#unpacked(): AsyncGenerator<Buffer> {
    const chunks = this.#read();
    const first = await chunks.next();
    if (first.done) return;
    const whole = prepended(first.value, chunks);
    const unpacker = unpackerOf(first.value);
    if (!unpacker) {
      yield* whole;
      return;
    }
    try {
      // Errors come out at the far end.
      for await (const chunk of pipeline(copied(whole), unpacker, () => {})) yield chunk as Buffer;
    } catch (error) {
      if (error instanceof HeadgateError) throw error;
      this.#isCut = true;
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

/** For a stream, which reads ahead. */
async function* copied(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
};

async function* prepended(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    yield* rest;
  } finally {
    // Whoever goes on no further than to the first closes the file, too.
    await rest.return(undefined);
  }
}

function unpackerOf(first: Buffer): NodeJS.ReadWriteStream | undefined {
  if (first.subarray(0, GZIP.length).equals(GZIP)) return createGunzip({ chunkSize: CHUNK_BYTES });
  if (first.subarray(0, ZSTD.length).equals(ZSTD)) return createZstdDecompress({ chunkSize: CHUNK_BYTES });
  return undefined;
}

import { crc32, createInflateRaw } from "node:zlib";
import { decompressed, UNPACKED_BYTES } from "./decompressed.ts";
import type { PackedBytes } from "./packed-bytes.ts";

const MAGIC = Buffer.from([0x1f, 0x8b]);
const DEFLATE = 8;
const HEADER_BYTES = 10;

// Flags of a header (RFC 1952, section 2.3.1): what else is in it.
const HAS_CHECKSUM = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

export async function isGzip(packed: PackedBytes): Promise<boolean> {
  return (await packed.peek(MAGIC.length)).equals(MAGIC);
}

/**
 * Unpacks gzip (RFC 1952), member after member. Node's own decompressor drops what came before a fault in the same piece: here
 * a member is given as far as it could be read, and its checksum is looked at afterwards. Zeros may follow the last, as on a tape.
 */
export async function* gunzipped(packed: PackedBytes): AsyncGenerator<Buffer> {
  do yield* member(packed);
  while (await isGzip(packed));
  const [next] = await packed.peek(1);
  if (next !== undefined && next !== 0) throw new Error("something else follows it");
}

async function* member(packed: PackedBytes): AsyncGenerator<Buffer> {
  await skipHeader(packed);
  let checksum = 0;
  let size = 0;
  for await (const chunk of decompressed(createInflateRaw({ chunkSize: UNPACKED_BYTES }), packed)) {
    checksum = crc32(chunk, checksum);
    size += chunk.length;
    yield chunk;
  }
  const trailer = await packed.take(8);
  if (trailer.readUInt32LE(0) !== checksum) throw new Error("its checksum is another");
  if (trailer.readUInt32LE(4) !== size % 2 ** 32) throw new Error("its size is another");
}

async function skipHeader(packed: PackedBytes): Promise<void> {
  const header = await packed.take(HEADER_BYTES);
  const flags = header[3] as number;
  if (header[2] !== DEFLATE) throw new Error("its method of compression is unknown");
  if (flags & HAS_EXTRA) await packed.take((await packed.take(2)).readUInt16LE());
  if (flags & HAS_NAME) await skipText(packed);
  if (flags & HAS_COMMENT) await skipText(packed);
  if (flags & HAS_CHECKSUM) await packed.take(2);
}

async function skipText(packed: PackedBytes): Promise<void> {
  while ((await packed.take(1))[0] !== 0);
}

import { createZstdDecompress } from "node:zlib";
import { decompressed, UNPACKED_BYTES } from "./decompressed.ts";
import type { PackedBytes } from "./packed-bytes.ts";

// RFC 8878, section 3.1. The last digit of a skippable frame's number may be any.
const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const SKIPPABLE_LAST = SKIPPABLE + 15;

export async function isZstd(packed: PackedBytes): Promise<boolean> {
  const magic = await magicOf(packed);
  return magic === FRAME || isSkippable(magic);
}

/** Unpacks zstd, frame after frame, each by a decompressor of its own: Node's ends with the first. */
export async function* unzstd(packed: PackedBytes): AsyncGenerator<Buffer> {
  while ((await packed.peek(1)).length > 0) {
    if (isSkippable(await magicOf(packed))) await skip(packed);
    else yield* decompressed(createZstdDecompress({ chunkSize: UNPACKED_BYTES }), packed);
  }
}

/** The number that the next frame begins with; 0 where there are too few bytes for one. */
async function magicOf(packed: PackedBytes): Promise<number> {
  const bytes = await packed.peek(4);
  return bytes.length < 4 ? 0 : bytes.readUInt32LE();
}

function isSkippable(magic: number): boolean {
  return magic >= SKIPPABLE && magic <= SKIPPABLE_LAST;
}

/** Skips what other programs keep for themselves, as pzstd does. */
async function skip(packed: PackedBytes): Promise<void> {
  let left = (await packed.take(8)).readUInt32LE(4);
  while (left > 0) {
    const some = await packed.takeSome();
    if (some.length === 0) throw new Error("it is cut off");
    if (some.length > left) packed.putBack(some.subarray(left));
    left -= Math.min(left, some.length);
  }
}

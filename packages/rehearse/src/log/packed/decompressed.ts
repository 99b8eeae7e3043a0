import type { InflateRaw, ZstdDecompress } from "node:zlib";
import type { PackedBytes } from "./packed-bytes.ts";

/** How much a decompressor gives at once, for `chunkSize`. */
export const UNPACKED_BYTES: number = 256 * 1024;

/**
 * What one stream of compressed data holds. Takes no byte after its end, and gives all that came out before it fails, where
 * a pipeline drops what its reader has not come to. Rejects where the data is damaged or cut off.
 */
export async function* decompressed(
  decompressor: InflateRaw | ZstdDecompress,
  packed: PackedBytes,
): AsyncGenerator<Buffer> {
  let wake = (): void => {};
  let error: Error | undefined;
  let isBusy = false;
  const idle = (): void => {
    isBusy = false;
    wake();
  };
  decompressor.on("readable", () => wake());
  decompressor.on("end", idle);
  decompressor.on("error", (reason: Error) => {
    error = reason;
    wake();
  });

  async function* output(): AsyncGenerator<Buffer> {
    for (;;) {
      const unpacked = decompressor.read() as Buffer | null;
      if (unpacked !== null) yield unpacked;
      else if (error) throw error;
      else if (!isBusy) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  try {
    let given = 0;
    for (let chunk = await packed.takeSome(); chunk.length > 0; chunk = await packed.takeSome()) {
      isBusy = true;
      decompressor.write(chunk, idle);
      yield* output();
      given += chunk.length;
      const left = given - decompressor.bytesWritten;
      if (left > 0) {
        packed.putBack(chunk.subarray(chunk.length - left));
        return;
      }
    }
    // Whether this is its end it says only when told that there is no more.
    isBusy = true;
    decompressor.end();
    yield* output();
  } finally {
    decompressor.destroy();
  }
}

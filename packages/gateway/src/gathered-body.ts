const SMALLEST_BYTES = 4 * 1024;

/**
 * A body as it gathers, in one piece of memory of at most twice its size: kept as they came, parts of one byte would take
 * hundreds each.
 */
export class GatheredBody {
  #memory: Buffer | undefined;
  /** How much has come. */
  bytes = 0;

  push(chunk: Buffer): void {
    const before = this.bytes;
    this.bytes += chunk.length;
    if (this.#memory === undefined) {
      // The whole of it, as nearly always.
      this.#memory = chunk;
      return;
    }
    if (this.bytes > this.#memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(SMALLEST_BYTES, 2 * this.bytes));
      this.#memory.copy(larger, 0, 0, before);
      this.#memory = larger;
    }
    chunk.copy(this.#memory, before);
  }

  /** What has come, uncopied. */
  whole(): Buffer {
    return this.#memory?.subarray(0, this.bytes) ?? Buffer.alloc(0);
  }
}

const NOTHING: Buffer = Buffer.alloc(0);

/** The bytes of a packed file, taken as its format asks for them. */
export class PackedBytes {
  readonly #chunks: AsyncIterator<Buffer>;
  #ahead: Buffer = NOTHING;

  /** A chunk need be good only until the next one is asked for. */
  constructor(chunks: AsyncIterator<Buffer>) {
    this.#chunks = chunks;
  }

  /** The next bytes, left where they are; fewer where there are no more. */
  async peek(count: number): Promise<Buffer> {
    while (this.#ahead.length < count && (await this.#readOn()));
    return this.#ahead.subarray(0, count);
  }

  /** The next bytes. Rejects where there are fewer. */
  async take(count: number): Promise<Buffer> {
    const taken = await this.peek(count);
    if (taken.length < count) throw new Error("it is cut off");
    this.#ahead = this.#ahead.subarray(count);
    return taken;
  }

  /** As many bytes as are at hand; none at the end. Good until anything else is asked for. */
  async takeSome(): Promise<Buffer> {
    await this.peek(1);
    const taken = this.#ahead;
    this.#ahead = NOTHING;
    return taken;
  }

  /** Puts back what was taken last. */
  putBack(bytes: Buffer): void {
    this.#ahead = bytes;
  }

  /** False at the end. */
  async #readOn(): Promise<boolean> {
    // The next chunk may come in the same memory.
    const before = Buffer.from(this.#ahead);
    const next = await this.#chunks.next();
    this.#ahead = next.done ? before : before.length === 0 ? next.value : Buffer.concat([before, next.value]);
    return !next.done;
  }
}

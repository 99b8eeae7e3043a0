/** The part of an answer's body that has come and may not be sent on yet. */
export class HeldBody {
  readonly #chunks: Buffer[] = [];
  bytes = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.bytes += chunk.length;
  }

  concat(): Buffer {
    return this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
  }
}

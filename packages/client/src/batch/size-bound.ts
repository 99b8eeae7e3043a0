/** With each full body that is taken: from half of what an API takes, about seventy until it says 413 again. */
const GROWTH = 1.01;

/** How large a body may be: as the options say, or less since the API has answered one 413. */
export class SizeBound {
  readonly #mostBytes: number;
  #bytes: number;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#bytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A body of this size was too large. */
  noteRefused(bytes: number): void {
    this.#bytes = Math.min(this.#bytes, Math.floor(bytes / 2));
  }

  /** A body of this size was not. It says something of larger ones only where it was nearly as large as it might be. */
  noteTaken(bytes: number): void {
    if (bytes > this.#bytes / 2) this.#bytes = Math.min(this.#mostBytes, Math.ceil(this.#bytes * GROWTH));
  }
}

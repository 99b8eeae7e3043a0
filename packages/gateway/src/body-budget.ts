/** How many bytes of bodies may be held at once: of all requests together, and of those from one client address. */
export class BodyBudget {
  readonly #maxBytesEach: number;
  #freeBytes: number;
  readonly #heldBytes = new Map<string, number>();

  constructor(maxBytes: number, maxBytesEach: number) {
    this.#freeBytes = maxBytes;
    this.#maxBytesEach = maxBytesEach;
  }

  /** Takes so many for a client, or none where there are not so many left, or it would have more than its share. */
  take(client: string, bytes: number): boolean {
    const held = (this.#heldBytes.get(client) ?? 0) + bytes;
    if (bytes > this.#freeBytes || held > this.#maxBytesEach) return false;
    this.#freeBytes -= bytes;
    this.#heldBytes.set(client, held);
    return true;
  }

  /** Gives back what was taken for the client, or a part of it. */
  giveBack(client: string, bytes: number): void {
    const held = (this.#heldBytes.get(client) ?? 0) - bytes;
    this.#freeBytes += bytes;
    if (held > 0) this.#heldBytes.set(client, held);
    else this.#heldBytes.delete(client);
  }
}

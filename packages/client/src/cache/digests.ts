/** Enough for a server that asks for many. */
const MOST_REMEMBERED = 1_000;

/**
 * SHA-256 of texts, in hex: stores are not to hold secrets. What was hashed before is remembered, for hashing takes ten
 * times as long as all else that there is to do for an answer from the cache.
 */
export class Digests {
  readonly #known = new Map<string, Promise<string>>();

  of(text: string): Promise<string> {
    const known = this.#known.get(text);
    if (known) return known;
    if (this.#known.size === MOST_REMEMBERED) this.#known.clear();
    const digest = digestOf(text);
    this.#known.set(text, digest);
    return digest;
  }
}

async function digestOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

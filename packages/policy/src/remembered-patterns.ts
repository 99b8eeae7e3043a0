/** Then all are forgotten: who varies paths makes others be looked for again, and takes no more memory than these do. */
const MOST_REMEMBERED = 10_000;
/** Characters of a path; longer ones are looked for each time. */
const LONGEST_REMEMBERED = 256;

/**
 * Remembers which pattern a request is for. Each limit that counts by endpoint asks for the same, and most requests are for
 * few paths: matching them anew each time took a third of all that deciding takes (bench/simulate.ts).
 */
export class RememberedPatterns {
  readonly #find: (method: string, path: string) => string;
  /** By method and path. */
  readonly #patterns = new Map<string, Map<string, string>>();
  #count = 0;

  constructor(find: (method: string, path: string) => string) {
    this.#find = find;
  }

  of(method: string, path: string): string {
    if (path.length > LONGEST_REMEMBERED) return this.#find(method, path);
    return this.#patterns.get(method)?.get(path) ?? this.#remember(method, path);
  }

  #remember(method: string, path: string): string {
    if (this.#count === MOST_REMEMBERED) {
      this.#patterns.clear();
      this.#count = 0;
    }
    const pattern = this.#find(method, path);
    const ofMethod = this.#patterns.get(method) ?? new Map<string, string>();
    this.#patterns.set(method, ofMethod.set(path, pattern));
    this.#count++;
    return pattern;
  }
}

import { hash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";

const MAX_REMEMBERED = 100_000;
const REMEMBERED_FOR_MS = 24 * 3_600_000;

/**
 * Remembers the credentials that the upstream has accepted. Answers of 2xx and 3xx accept, 401 rejects, and others say
 * nothing either way: a 404 is often given before anyone has looked at the credential. Bounded, for a day, and as salted
 * hashes: no credential can be read out of memory here.
 */
export class RememberedCredentials {
  readonly #salt = randomBytes(16).toString("hex");
  readonly #valid: LRUCache<string, true>;

  /** `clock` gives epoch ms. */
  constructor(clock: () => number) {
    this.#valid = new LRUCache({
      max: MAX_REMEMBERED,
      ttl: REMEMBERED_FOR_MS,
      ttlResolution: 0,
      perf: { now: clock },
    });
  }

  isValid(credential: string | undefined): boolean {
    return credential !== undefined && this.#valid.get(this.#keyOf(credential)) === true;
  }

  /** Whether it is valid, as an answer shows. `before` is what was said before it. */
  judge(credential: string | undefined, status: number, before: boolean): boolean {
    if (credential === undefined) return false;
    if (status === 401) {
      this.#valid.delete(this.#keyOf(credential));
      return false;
    }
    if (status >= 400) return before;
    this.#valid.set(this.#keyOf(credential), true);
    return true;
  }

  #keyOf(credential: string): string {
    return hash("sha256", this.#salt + credential, "base64");
  }
}

type Listener = (accountId: string | undefined) => void;

/** Tells whoever waits that there is something new: an account's, or somebody's, where it is not known whose. */
export class CommitSignal {
  readonly #listeners = new Set<Listener>();

  /** To be called after a commit; undefined where another process made it. */
  ring(accountId: string | undefined): void {
    for (const listener of this.#listeners) listener(accountId);
  }

  /** Calls back after every commit until what it returns is called. */
  onRing(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

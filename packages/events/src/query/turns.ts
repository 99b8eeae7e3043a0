/** Lets work of one name be done in turn: each begins when the one before it has ended, however that ended. */
export class Turns {
  /** The last of those that wait, by name. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves and rejects as `work` does. */
  async take<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(name);
    const mine = before ? before.then(work, work) : work();
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}

const TENTH_MS = 100;
const TENTHS = 10;

/** How calls have gone in the last second: the present tenth of one, and the nine before. Times are ms that never go back. */
export class FailureRate {
  readonly #calls: Uint32Array = new Uint32Array(TENTHS);
  readonly #failures: Uint32Array = new Uint32Array(TENTHS);
  #present = 0;

  note(isFailure: boolean, now: number): void {
    this.#advanceTo(now);
    const place = this.#present % TENTHS;
    this.#calls[place] = (this.#calls[place] as number) + 1;
    if (isFailure) this.#failures[place] = (this.#failures[place] as number) + 1;
  }

  callsAt(now: number): number {
    this.#advanceTo(now);
    return sum(this.#calls);
  }

  failuresAt(now: number): number {
    this.#advanceTo(now);
    return sum(this.#failures);
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
  }

  #advanceTo(now: number): void {
    const tenth = Math.floor(now / TENTH_MS);
    const first = Math.max(this.#present + 1, tenth - TENTHS + 1);
    for (let passed = first; passed <= tenth; passed++) {
      this.#calls[passed % TENTHS] = 0;
      this.#failures[passed % TENTHS] = 0;
    }
    this.#present = Math.max(this.#present, tenth);
  }
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** How many requests were admitted in each window of each partition, by all processes together. */
export class Admissions {
  readonly #windowMs: number;
  readonly #byPartition = new Map<string, Map<number, number>>();
  #late = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes note of one, as a caller writes it: the partition, the window's start, and when it was asked for, both epoch ms. */
  note(line: string): void {
    const [partition = "", start, askedAt] = line.split(" ");
    const windows = this.#byPartition.get(partition) ?? new Map<number, number>();
    this.#byPartition.set(partition, windows);
    windows.set(Number(start), (windows.get(Number(start)) ?? 0) + 1);
    if (Number(askedAt) >= Number(start) + this.#windowMs) this.#late += 1;
  }

  /** Admitted in each window of a partition, in the order of time. */
  of(partition: string): number[] {
    const windows = this.#byPartition.get(partition) ?? new Map<number, number>();
    return [...windows].toSorted(([a], [b]) => a - b).map(([, admitted]) => admitted);
  }

  /** The most that were admitted in one window. */
  get most(): number {
    return Math.max(0, ...[...this.#byPartition.keys()].flatMap((partition) => this.of(partition)));
  }

  /** Those that were asked for when the window was over that they were counted in. */
  get late(): number {
    return this.#late;
  }
}

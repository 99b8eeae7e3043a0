import type { Engine, Ruling } from "@headgate/policy";

interface Running {
  readonly ruling: Ruling;
  /** Epoch ms. */
  readonly endsAt: number;
}

/** Requests whose answers have not ended yet: a heap, the first to end on top. */
export class InFlight {
  readonly #engine: Engine;
  readonly #heap: Running[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  enter(ruling: Ruling, endsAt: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push({ ruling, endsAt });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#endOf(parent) <= this.#endOf(at)) break;
      this.#swap(parent, at);
      at = parent;
    }
  }

  /** Frees the places of those that have ended by now. */
  release(now: number): void {
    const heap = this.#heap;
    while (heap.length > 0 && this.#endOf(0) <= now) {
      const { ruling, endsAt } = heap[0] as Running;
      this.#swap(0, heap.length - 1);
      heap.pop();
      this.#sink();
      this.#engine.release(ruling, endsAt);
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      let first = at;
      if (left < this.#heap.length && this.#endOf(left) < this.#endOf(first)) first = left;
      if (left + 1 < this.#heap.length && this.#endOf(left + 1) < this.#endOf(first)) first = left + 1;
      if (first === at) return;
      this.#swap(first, at);
      at = first;
    }
  }

  #endOf(at: number): number {
    return (this.#heap[at] as Running).endsAt;
  }

  #swap(a: number, b: number): void {
    const running = this.#heap[a] as Running;
    this.#heap[a] = this.#heap[b] as Running;
    this.#heap[b] = running;
  }
}

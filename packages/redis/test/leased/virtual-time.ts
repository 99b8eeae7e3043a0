/** Something that happens at an instant of virtual time, ms. */
interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** Whether promises hang on it. */
  readonly settles: boolean;
}

/** Time that jumps from event to event, so that a run takes as long as its work and is the same each time. */
export class VirtualTime {
  now = 0;
  readonly #heap: Event[] = [];
  #count = 0;

  /** Runs something at an instant. Before what comes next, all promises that it `settles` have been followed. */
  at(instant: number, run: () => void, settles = false): void {
    this.#push({ at: Math.max(instant, this.now), order: this.#count++, run, settles });
  }

  after(ms: number, run: () => void, settles = false): void {
    this.at(this.now + ms, run, settles);
  }

  every(intervalMs: number, run: () => void): () => void {
    let isOn = true;
    const tick = (): void => {
      if (!isOn) return;
      run();
      this.after(intervalMs, tick);
    };
    this.after(intervalMs, tick);
    return () => {
      isOn = false;
    };
  }

  /** Lets time pass until an instant. */
  async runUntil(end: number): Promise<void> {
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      this.now = next.at;
      next.run();
      if (next.settles) await new Promise((resolve) => setImmediate(resolve));
    }
    this.now = end;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(event);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(heap[parent] as Event, event)) break;
      heap[place] = heap[parent] as Event;
      place = parent;
    }
    heap[place] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (isBefore(last, heap[child] as Event)) break;
      heap[place] = heap[child] as Event;
      place = child;
    }
    heap[place] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

import type { LoggedRequest } from "../logged-request.ts";

type Batch = readonly LoggedRequest[];

/** Merges sources that are in order of time each. Of equal times the source named first goes first. */
export async function* inOrderOfTime(sources: readonly AsyncGenerator<Batch>[]): AsyncGenerator<Batch> {
  const [only, ...others] = sources;
  if (only && others.length === 0) {
    yield* only;
    return;
  }
  try {
    yield* merged(sources);
  } finally {
    // Where one of them fails, the others are not read to their end.
    for (const source of sources) await source.return(undefined);
  }
}

async function* merged(sources: readonly AsyncGenerator<Batch>[]): AsyncGenerator<Batch> {
  const open: Source[] = [];
  for (const batches of sources) {
    const source = new Source(batches);
    if (await source.advance()) open.push(source);
  }
  while (open.length > 0) {
    const batch: LoggedRequest[] = [];
    let earliest = earliestOf(open);
    while (earliest.hasMore) {
      batch.push(earliest.take());
      if (earliest.hasMore) earliest = earliestOf(open);
    }
    yield batch;
    if (!(await earliest.advance())) open.splice(open.indexOf(earliest), 1);
  }
}

/** A source, and what it gave last. */
class Source {
  readonly #batches: AsyncGenerator<Batch>;
  #batch: Batch = [];
  #at = 0;

  constructor(batches: AsyncGenerator<Batch>) {
    this.#batches = batches;
  }

  /** Gets the next batch that is not empty. False where there is none. */
  async advance(): Promise<boolean> {
    do {
      const next = await this.#batches.next();
      if (next.done) return false;
      this.#batch = next.value;
      this.#at = 0;
    } while (this.#batch.length === 0);
    return true;
  }

  get hasMore(): boolean {
    return this.#at < this.#batch.length;
  }

  get time(): number {
    return (this.#batch[this.#at] as LoggedRequest).time;
  }

  take(): LoggedRequest {
    return this.#batch[this.#at++] as LoggedRequest;
  }
}

/** Files are few: looking at each is quicker than keeping them in a heap. */
function earliestOf(open: readonly Source[]): Source {
  let earliest = open[0] as Source;
  for (const source of open) if (source.time < earliest.time) earliest = source;
  return earliest;
}

import type { EventRow } from "@headgate/storage";
import type { Guard } from "./appender.ts";
import { type ChainEnd, type EventContent, rowAfter } from "./chain.ts";
import type { Appended } from "./event-log.ts";

/** Events that are kept next to each other, and who waits for it. */
export interface Submission {
  readonly events: readonly EventContent[];
  readonly guard: Guard;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Submissions that go into one transaction. Where it is known how the chain will end before them, their events are
 * numbered and hashed as they come, while the database is at work on what is before them.
 */
export class AppendGroup {
  readonly submissions: Submission[] = [];
  readonly #accountId: string;
  #eventCount = 0;
  /** Where the rows go on from; undefined as long as that cannot be known. */
  #before: ChainEnd | undefined;
  #end: ChainEnd | undefined;
  #rows: EventRow[] = [];

  constructor(accountId: string, before: ChainEnd | undefined) {
    this.#accountId = accountId;
    this.#before = before;
    this.#end = before;
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  /** Where the chain will end after it, as far as that can be known. */
  get end(): ChainEnd | undefined {
    return this.#end;
  }

  get guard(): Guard {
    return this.submissions.flatMap(({ guard }) => guard);
  }

  add(submission: Submission): void {
    this.submissions.push(submission);
    this.#eventCount += submission.events.length;
    this.#chain(submission.events);
  }

  /** Takes it that the chain will end like this before it, unless it has taken something for granted already. */
  expect(before: ChainEnd): void {
    if (!this.#before) this.#chainAnew(before);
  }

  /** The rows, for a chain that ends like this. */
  rowsAfter(before: ChainEnd): readonly EventRow[] {
    if (this.#before?.seq !== before.seq || this.#before.hash !== before.hash) this.#chainAnew(before);
    return this.#rows;
  }

  /** Tells everybody that their events are kept. */
  resolve(): void {
    let from = 0;
    for (const { events, resolve } of this.submissions) {
      resolve({ rows: this.#rows.slice(from, from + events.length) });
      from += events.length;
    }
  }

  reject(error: unknown): void {
    for (const { reject } of this.submissions) reject(error);
  }

  #chainAnew(before: ChainEnd): void {
    this.#before = before;
    this.#end = before;
    this.#rows = [];
    for (const { events } of this.submissions) this.#chain(events);
  }

  #chain(events: readonly EventContent[]): void {
    if (!this.#end) return;
    for (const event of events) {
      const row = rowAfter(this.#end, this.#accountId, event);
      this.#rows.push(row);
      this.#end = row;
    }
  }
}

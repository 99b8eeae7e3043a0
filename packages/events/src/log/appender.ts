import { type Awaitable, HeadgateError } from "@headgate/core";
import type { EventRow, Statement, Storage } from "@headgate/storage";
import { AppendGroup } from "./append-group.ts";
import { type AppendStatements, appendStatements, HEAD_MOVED } from "./append-statements.ts";
import type { ChainEnd, EventContent } from "./chain.ts";
import type { Appended } from "./event-log.ts";

/** What must hold, and is written, with events: statements with expectations of their own. */
export type Guard = readonly Statement[];

/** Events of one transaction, at most: more wait for the next. */
const MOST_EVENTS = 1_000;
/** Submissions that wait for a transaction, at most. */
const MOST_WAITING = 16_384;
/** How often to try again when another instance was faster. */
const MOST_RETRIES = 50;

/** What an appender asks and tells the log. */
export interface Chain {
  head(): Awaitable<ChainEnd>;
  moved(end: ChainEnd): void;
  /** The chain does not end where `head` has said. */
  mistaken(): void;
  /** Nothing waits any more. */
  idle(): void;
}

/**
 * Adds to one account's chain. What comes while a transaction is under way goes into the next, so the chain's end is
 * known when a transaction is made, and the transaction itself makes sure of it: it moves the head from there, or it is
 * not kept. Where another instance has moved it, the transaction is made anew.
 */
export class Appender {
  readonly #accountId: string;
  readonly #storage: Storage;
  readonly #chain: Chain;
  readonly #statements: AppendStatements;
  readonly #groups: AppendGroup[] = [];
  #waiting = 0;
  #isRunning = false;
  /** Where the chain will end if what is under way is kept. */
  #endUnderWay: ChainEnd | undefined;

  constructor(accountId: string, storage: Storage, chain: Chain) {
    this.#accountId = accountId;
    this.#storage = storage;
    this.#chain = chain;
    this.#statements = appendStatements(storage);
  }

  append(events: readonly EventContent[], guard: Guard): Promise<Appended> {
    if (this.#waiting >= MOST_WAITING) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.#groupFor(events.length).add({ events, guard, resolve, reject });
      this.#waiting += 1;
      if (!this.#isRunning) void this.#run();
    });
  }

  /** The last group, if there is room in it for so many events more. */
  #groupFor(eventCount: number): AppendGroup {
    const last = this.#groups.at(-1);
    if (last && last.eventCount + eventCount <= MOST_EVENTS) return last;
    const group = new AppendGroup(this.#accountId, last ? last.end : this.#endUnderWay);
    this.#groups.push(group);
    return group;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // What is submitted in this same turn of the event loop goes into the first transaction.
    await null;
    for (let group = this.#groups.shift(); group; group = this.#groups.shift()) {
      this.#waiting -= group.submissions.length;
      await this.#commit(group);
    }
    this.#isRunning = false;
    this.#endUnderWay = undefined;
    this.#chain.idle();
  }

  async #commit(group: AppendGroup): Promise<void> {
    try {
      await this.#tryCommit(group);
    } catch (error) {
      group.reject(error);
    }
  }

  async #tryCommit(group: AppendGroup): Promise<void> {
    for (let retries = 0; retries < MOST_RETRIES; retries++) {
      const unmet = await this.#write(group);
      if (unmet === undefined) {
        group.resolve();
        return;
      }
      if (unmet === HEAD_MOVED) {
        this.#chain.mistaken();
        continue;
      }
      const [only, ...others] = group.submissions;
      if (others.length === 0) {
        only?.resolve({ unmet });
        return;
      }
      // One of them has a guard that does not hold: each is tried for itself.
      for (const submission of group.submissions) {
        const alone = new AppendGroup(this.#accountId, this.#endUnderWay);
        alone.add(submission);
        await this.#commit(alone);
      }
      return;
    }
    throw new Error("other instances moved the chain's end again and again");
  }

  /** Returns what did not hold, where nothing was kept. */
  async #write(group: AppendGroup): Promise<string | undefined> {
    const before = await this.#chain.head();
    const rows = group.rowsAfter(before);
    const last: EventRow | undefined = rows.at(-1);
    const statements = last ? [...group.guard, ...this.#statements.add(before, rows)] : group.guard;
    const writing = this.#storage.write(statements);
    this.#endUnderWay = last ?? before;
    this.#groups[0]?.expect(this.#endUnderWay);
    const { unmet } = await writing;
    if (unmet === undefined && last) this.#chain.moved({ seq: last.seq, hash: last.hash });
    return unmet;
  }
}

function busy(): HeadgateError {
  return new HeadgateError(
    "HG_STORAGE_BUSY",
    `${MOST_WAITING} writes of the account wait already: try again in a moment`,
  );
}

import { type Awaitable, HeadgateError } from "@headgate/core";
import { type EventRow, Prepared, type Statement, type Storage } from "@headgate/storage";
import { type EventContent, hashAfter } from "./chain.ts";
import type { Appended } from "./event-log.ts";
import { type Head, NO_HASH } from "./head.ts";

/** What must hold, and is written, with events: statements with expectations of their own. */
export type Guard = readonly Statement[];

/** Events of one transaction, at most: more wait for the next. */
const MOST_EVENTS = 2_000;
/** Submissions that wait for a transaction, at most. */
const MOST_WAITING = 16_384;
/** How often to try again when another instance was faster. */
const MOST_RETRIES = 50;

interface Submission {
  readonly events: readonly EventContent[];
  readonly guard: Guard;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** What an appender asks and tells the log. */
export interface Chain {
  head(): Awaitable<Pick<Head, "seq" | "hash">>;
  moved(head: Pick<Head, "seq" | "hash">): void;
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
  #waiting: Submission[] = [];
  #isRunning = false;

  constructor(accountId: string, storage: Storage, chain: Chain) {
    this.#accountId = accountId;
    this.#storage = storage;
    this.#chain = chain;
    this.#statements = statementsFor(storage);
  }

  append(events: readonly EventContent[], guard: Guard): Promise<Appended> {
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, guard, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // What is submitted in this same turn of the event loop goes into the first transaction.
    await null;
    while (this.#waiting.length > 0) await this.#commit(this.#take());
    this.#isRunning = false;
    this.#chain.idle();
  }

  /** As many as go into one transaction, and at least one. */
  #take(): Submission[] {
    let events = 0;
    let count = 0;
    for (const submission of this.#waiting) {
      events += submission.events.length;
      if (count > 0 && events > MOST_EVENTS) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(group: readonly Submission[]): Promise<void> {
    try {
      await this.#tryCommit(group);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async #tryCommit(group: readonly Submission[]): Promise<void> {
    for (let retries = 0; retries < MOST_RETRIES; retries++) {
      const written = await this.#write(group);
      if (written.unmet === undefined) {
        answer(group, written.rows);
        return;
      }
      if (written.unmet === HEAD_MOVED) {
        this.#chain.mistaken();
        continue;
      }
      if (group.length === 1) {
        group[0]?.resolve({ unmet: written.unmet });
        return;
      }
      // One of them has a guard that does not hold: each is tried for itself.
      for (const submission of group) await this.#commit([submission]);
      return;
    }
    throw new Error("other instances moved the chain's end again and again");
  }

  async #write(
    group: readonly Submission[],
  ): Promise<{ readonly unmet: string | undefined; readonly rows: readonly EventRow[] }> {
    const guards = group.flatMap(({ guard }) => guard);
    const before = await this.#chain.head();
    const rows: EventRow[] = [];
    let { seq, hash } = before;
    for (const { events } of group) {
      for (const event of events) {
        seq += 1;
        hash = hashAfter(hash, seq, event);
        rows.push({ account_id: this.#accountId, ...event, seq, hash });
      }
    }
    const statements = rows.length === 0 ? guards : [...guards, ...this.#statements.add(before, { seq, hash }, rows)];
    const { unmet } = await this.#storage.write(statements);
    if (unmet === undefined && rows.length > 0) this.#chain.moved({ seq, hash });
    return { unmet, rows };
  }
}

function busy(): HeadgateError {
  return new HeadgateError(
    "HG_STORAGE_BUSY",
    `${MOST_WAITING} writes of the account wait already: try again in a moment`,
  );
}

function answer(group: readonly Submission[], rows: readonly EventRow[]): void {
  let from = 0;
  for (const { events, resolve } of group) {
    resolve({ rows: rows.slice(from, from + events.length) });
    from += events.length;
  }
}

const HEAD_MOVED = "events-head";

interface HeadMove {
  readonly account_id: string;
  readonly seq: number;
  readonly hash: string;
  readonly seqBefore: number;
  readonly hashBefore: string;
}

type End = Pick<Head, "seq" | "hash">;

interface AppendStatements {
  add(before: End, after: End, rows: readonly EventRow[]): readonly Statement[];
}

const COLUMNS = [
  "account_id",
  "seq",
  "id",
  "type",
  "actor_id",
  "actor_name",
  "target_id",
  "target_type",
  "target_name",
  "time",
  "received_at",
  "metadata",
  "hash",
] as const satisfies readonly (keyof EventRow)[];

/** Built once a database. */
const built = new WeakMap<Storage, AppendStatements>();

function statementsFor(storage: Storage): AppendStatements {
  let statements = built.get(storage);
  if (!statements) {
    statements = buildStatements(storage);
    built.set(storage, statements);
  }
  return statements;
}

function buildStatements({ build }: Storage): AppendStatements {
  const moveHead = new Prepared<HeadMove>(
    ["account_id", "seq", "hash", "seqBefore", "hashBefore"],
    ({ account_id, seq, hash, seqBefore, hashBefore }) =>
      build
        .insertInto("event_heads")
        .values({ account_id, seq, hash, pruned_seq: 0, pruned_hash: NO_HASH })
        .onConflict((on) =>
          on
            .column("account_id")
            .doUpdateSet({ seq, hash })
            .where("event_heads.seq", "=", seqBefore)
            .where("event_heads.hash", "=", hashBefore),
        ),
  );
  const addEvent = new Prepared<EventRow>(COLUMNS, (row) => build.insertInto("events").values(row));
  return {
    add(before, after, rows) {
      const { account_id } = rows[0] as EventRow;
      return [
        moveHead.statement(
          { account_id, ...after, seqBefore: before.seq, hashBefore: before.hash },
          { rows: 1, name: HEAD_MOVED },
        ),
        addEvent.statementForEach(rows),
      ];
    },
  };
}

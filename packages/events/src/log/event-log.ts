import type { Awaitable } from "@headgate/core";
import type { EventRow, Statement, Storage } from "@headgate/storage";
import { Appender, type Guard } from "./appender.ts";
import type { EventContent } from "./chain.ts";
import type { Changes, Standing } from "./changes.ts";
import type { CommitSignal } from "./commit-signal.ts";
import type { Head } from "./head.ts";
import { Heads } from "./heads.ts";

/** What became of events that were to be kept: their rows, or the name of what their guard expected and did not find. */
export type Appended = { readonly rows: readonly EventRow[] } | { readonly unmet: string };

/** The events of all accounts, each account's in a chain of its own. They are added, and never changed. */
export class EventLog {
  readonly #storage: Storage;
  readonly #commits: CommitSignal;
  readonly #appenders = new Map<string, Appender>();
  readonly #heads: Heads;
  readonly #changes: Changes | undefined;

  /** `changes`: counts those of each account's chain, by the account's id. */
  constructor(storage: Storage, commits: CommitSignal, changes?: Changes) {
    this.#storage = storage;
    this.#commits = commits;
    this.#heads = new Heads(storage);
    this.#changes = changes;
  }

  /**
   * Keeps events, in this order and next to each other, with their guard or not at all. Resolves after the commit.
   * Rejects with `HG_STORAGE_…`.
   */
  append(accountId: string, events: readonly EventContent[], guard: Guard = []): Promise<Appended> {
    let appender = this.#appenders.get(accountId);
    if (!appender) {
      appender = new Appender(accountId, this.#storage, {
        head: () => this.head(accountId),
        moved: (head) => {
          this.#heads.move(accountId, head);
          this.#changes?.change(accountId);
          this.#commits.ring(accountId);
        },
        mistaken: () => this.#heads.forget(accountId),
        idle: () => this.#appenders.delete(accountId),
      });
      this.#appenders.set(accountId, appender);
    }
    return appender.append(events, guard);
  }

  /** Where an account's chain ends now. At once where that is known, as it is after the first time on SQLite. */
  head(accountId: string): Awaitable<Head> {
    return this.#heads.get(accountId);
  }

  /** How long what is answered of an account's chain now will stand; undefined where other processes may change it. */
  standing(accountId: string): Standing | undefined {
    return this.#storage.dialect === "sqlite" ? this.#changes?.standing(accountId) : undefined;
  }

  /** Carries out what cuts a chain off at its beginning, and takes note of it. */
  async prune(accountId: string, statements: readonly Statement[]): Promise<boolean> {
    const { unmet } = await this.#storage.write(statements);
    this.#heads.forget(accountId);
    this.#changes?.change(accountId);
    if (unmet === undefined) this.#commits.ring(accountId);
    return unmet === undefined;
  }
}

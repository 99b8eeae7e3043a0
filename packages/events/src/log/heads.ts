import type { Awaitable } from "@headgate/core";
import { type EventHeadRow, Prepared, type Storage } from "@headgate/storage";
import { LRUCache } from "lru-cache";
import { type Head, NO_EVENTS } from "./head.ts";

/** Accounts whose heads are remembered, at most; 200 bytes each. */
const MOST_HEADS = 100_000;

/** Where the accounts' chains end: remembered where no other process can move them, asked for each time where one can. */
export class Heads {
  readonly #storage: Storage;
  readonly #read: Prepared<{ account_id: string }, EventHeadRow>;
  /** Those that are being read too: whoever changes one takes it away, so that what was read too early is not kept. */
  readonly #known: LRUCache<string, Awaitable<Head>> | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#read = new Prepared(["account_id"], ({ account_id }) =>
      storage.build.selectFrom("event_heads").selectAll().where("account_id", "=", account_id),
    );
    this.#known = storage.dialect === "sqlite" ? new LRUCache({ max: MOST_HEADS }) : undefined;
  }

  /** Rejects with `HG_STORAGE_…`. */
  get(accountId: string): Awaitable<Head> {
    return this.#known?.get(accountId) ?? this.#load(accountId);
  }

  /** A commit has moved a chain's end. */
  move(accountId: string, end: Pick<Head, "seq" | "hash">): void {
    const known = this.#known?.peek(accountId);
    if (known instanceof Promise) this.#known?.delete(accountId);
    else if (known) this.#known?.set(accountId, { ...known, ...end });
  }

  /** A commit has done what is not known here, or what is remembered has turned out to be wrong. */
  forget(accountId: string): void {
    this.#known?.delete(accountId);
  }

  #load(accountId: string): Promise<Head> {
    const loading = this.#read.rows(this.#storage, { account_id: accountId }).then(([head = NO_EVENTS]): Head => head);
    const known = this.#known;
    if (!known) return loading;
    known.set(accountId, loading);
    const settle = (head?: Head): void => {
      if (known.peek(accountId) !== loading) return;
      if (head) known.set(accountId, head);
      else known.delete(accountId);
    };
    loading.then(settle, () => settle());
    return loading;
  }
}

import type { EventRow, Statement } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import type { EventLog } from "../log/event-log.ts";
import type { EventDraft, EventFault } from "./event-draft.ts";
import { EventKeys, type KeyHolder } from "./event-keys.ts";

/** What became of one event: which it is now, and whether it was there before under its key; or why it is not kept. */
export type Outcome = { readonly id: string; readonly isNew: boolean } | EventFault;

/** What became of events that were sent together: an outcome for each in order, and the rows of the new ones. */
export interface Kept {
  readonly outcomes: readonly Outcome[];
  readonly rows: readonly EventRow[];
}

/** What else is kept in the same transaction, given the outcomes. */
export type Alongside = (outcomes: readonly Outcome[]) => readonly Statement[];

/** Times that others may take a key between our look and our write. */
const MOST_TRIES = 10;

/** Keeps events, each key's only once. */
export class Ingest {
  readonly #log: EventLog;
  readonly #keys: EventKeys;

  constructor({ events, storage }: EventsContext) {
    this.#log = events;
    this.#keys = new EventKeys(storage);
  }

  /**
   * Keeps what is new of these, all of it with what goes alongside or nothing. Returns what of the latter did not hold,
   * if that is why nothing was kept. Resolves after the commit; rejects with `HG_STORAGE_…`.
   */
  async keep(
    accountId: string,
    drafts: readonly (EventDraft | EventFault)[],
    now: number,
    alongside: Alongside = () => [],
  ): Promise<Kept | { readonly unmet: string }> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { outcomes, fresh } = await this.#judge(accountId, drafts, now);
      const guard = [...alongside(outcomes), ...this.#keys.claim(accountId, fresh, now)];
      if (fresh.length === 0 && guard.length === 0) return { outcomes, rows: [] };
      const appended = await this.#log.append(
        accountId,
        fresh.map(({ event }) => event),
        guard,
      );
      if ("rows" in appended) return { outcomes, rows: appended.rows };
      if (!this.#keys.isTaken(appended.unmet)) return appended;
    }
    throw new Error("others took the events' keys again and again");
  }

  async #judge(
    accountId: string,
    drafts: readonly (EventDraft | EventFault)[],
    now: number,
  ): Promise<{ outcomes: Outcome[]; fresh: EventDraft[] }> {
    const keys = drafts.flatMap((draft) => ("key" in draft && draft.key !== undefined ? [draft.key] : []));
    const holders = new Map(await this.#keys.holders(accountId, [...new Set(keys)], now));
    const fresh: EventDraft[] = [];
    const outcomes = drafts.map((draft): Outcome => {
      if ("reason" in draft) return draft;
      const holder = draft.key === undefined ? undefined : holders.get(draft.key);
      if (holder) return again(draft, holder);
      fresh.push(draft);
      const { id } = draft.event;
      if (draft.key !== undefined) holders.set(draft.key, { event_id: id, fingerprint: draft.fingerprint });
      return { id, isNew: true };
    });
    return { outcomes, fresh };
  }
}

function again({ fingerprint }: EventDraft, holder: KeyHolder): Outcome {
  if (holder.fingerprint === fingerprint) return { id: holder.event_id, isNew: false };
  return { path: ["idempotency_key"], reason: "was used for another event within the last 24 hours" };
}

import { type AuditRow, Prepared, type Storage } from "@headgate/storage";
import type { Actor } from "./actor.ts";
import type { AuditEntry, AuditVerdict } from "./audit-entry.ts";
import { hashAfter, type Ledger, NO_HASH } from "./ledger.ts";
import { type Page, type PageRequest, pageOf, placeOf, rowsFor } from "./page.ts";

const ENTRIES_AT_A_TIME = 1_000;
const SEQ = /^[1-9][0-9]{0,15}$/;

/** The audit: what was changed by whom, in an order that cannot be tampered with unseen. */
export class AuditTrail {
  readonly #storage: Storage;
  readonly #ledger: Ledger;
  readonly #entriesAfter: Prepared<{ seq: number }, AuditRow>;

  constructor(storage: Storage, ledger: Ledger) {
    this.#storage = storage;
    this.#ledger = ledger;
    this.#entriesAfter = new Prepared(["seq"], ({ seq }) =>
      storage.build.selectFrom("audit").selectAll().where("seq", ">", seq).orderBy("seq").limit(ENTRIES_AT_A_TIME),
    );
  }

  /** The newest first. */
  async list(filter: { subjectId?: string | undefined } = {}, page: PageRequest = {}): Promise<Page<AuditEntry>> {
    const place = placeOf(page, (text) => SEQ.test(text));
    let query = this.#storage.build.selectFrom("audit").selectAll().orderBy("seq", "desc").limit(rowsFor(page));
    if (place !== undefined) query = query.where("seq", "<", Number(place));
    if (filter.subjectId !== undefined) query = query.where("subject_id", "=", filter.subjectId);
    return pageOf(await this.#storage.read(query.compile()), page, entryOf, ({ seq }) => String(seq));
  }

  /**
   * Goes through the whole chain, as it is now. What was edited, removed, put in between or put in another order shows
   * here; that the whole chain was written anew shows only to who has noted a `head` elsewhere.
   */
  async verify(): Promise<AuditVerdict> {
    const head = await this.#head();
    let seq = 0;
    let hash = NO_HASH;
    while (seq < head.seq) {
      const rows = await this.#entriesAfter.rows(this.#storage, { seq: seq === 0 ? Number.MIN_SAFE_INTEGER : seq });
      if (rows.length === 0) return { isValid: false, entries: seq, head: head.hash, brokenAt: seq + 1 };
      for (const row of rows) {
        if (seq === head.seq) break;
        hash = hashAfter(hash, row);
        if (row.seq !== seq + 1 || row.hash !== hash) {
          return { isValid: false, entries: seq, head: head.hash, brokenAt: seq + 1 };
        }
        seq = row.seq;
      }
    }
    const fits = hash === head.hash && head.lastSeq === head.seq;
    const brokenAt = fits ? undefined : head.lastSeq > head.seq ? head.seq + 1 : head.seq;
    return { isValid: fits, entries: seq, head: head.hash, brokenAt };
  }

  /** Notes what is no change of a record, such as a counter that was reset. */
  async note(
    entry: { action: string; subject: { type: string; id: string }; after?: unknown },
    by: Actor,
  ): Promise<void> {
    await this.#ledger.enter({ ...entry, by, statements: [] });
  }

  /** What the chain must end in, and what it does end in: read together, or a change could come in between. */
  async #head(): Promise<{ seq: number; hash: string; lastSeq: number }> {
    const query = this.#storage.build
      .selectFrom("audit_head")
      .select(["seq", "hash"])
      .select(({ selectFrom }) =>
        selectFrom("audit")
          .select(({ fn }) => fn.max("audit.seq").as("last"))
          .as("lastSeq"),
      );
    const [head] = await this.#storage.read(query.compile());
    return { seq: head?.seq ?? 0, hash: head?.hash ?? "", lastSeq: Number(head?.lastSeq ?? 0) };
  }
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    seq: row.seq,
    time: row.time,
    actor: row.actor,
    action: row.action,
    subject: { type: row.subject_type, id: row.subject_id },
    before: row.before === null ? undefined : JSON.parse(row.before),
    after: row.after === null ? undefined : JSON.parse(row.after),
    hash: row.hash,
  };
}

import { type AuditRow, Prepared, type Storage } from "@headgate/storage";
import type { ControlLog } from "./control-log.ts";
import type { Directory } from "./directory.ts";
import type { RecordType } from "./id.ts";
import { allOnRecord, RECORD_TYPES, type RecordRows, type Records } from "./records.ts";

/** Below the most parameters that any database takes in one statement. */
const ENTRIES_AT_A_TIME = 500;

type Entry = Pick<AuditRow, "seq" | "subject_type" | "subject_id">;

/**
 * Keeps a directory in step with the database. What this process commits is put into it at once; what others commit is
 * found in the audit, whose `seq` has no gaps: everything after the last one seen is new, and the records that it names
 * are read again. So nothing is missed, however long the database was away.
 */
export class DirectoryFeed {
  readonly #directory: Directory;
  readonly #storage: Storage;
  readonly #records: Records;
  readonly #clock: () => number;
  readonly #log: ControlLog;
  readonly #readHead: Prepared<object, { seq: number }>;
  readonly #readEntries: Prepared<{ after: number; upTo: number }, Entry>;
  /** All changes up to this one are in the directory. */
  #seen = 0;
  /** Own changes since the round under way began: what it reads may be older than they are. */
  readonly #ownChanges = new Map<string, number>();
  /** Records that the round has read, by how much of the audit they were read with: own changes in that are older. */
  readonly #readWith = new Map<string, number>();
  #round: Promise<void> | undefined;
  #isRoundDue = false;
  #isBehind = false;

  constructor(
    directory: Directory,
    { storage, records, clock, log }: { storage: Storage; records: Records; clock: () => number; log: ControlLog },
  ) {
    this.#directory = directory;
    this.#storage = storage;
    this.#records = records;
    this.#clock = clock;
    this.#log = log;
    this.#readHead = new Prepared([], () => storage.build.selectFrom("audit_head").select("seq"));
    this.#readEntries = new Prepared(["after", "upTo"], ({ after, upTo }) =>
      storage.build
        .selectFrom("audit")
        .select(["seq", "subject_type", "subject_id"])
        .where("seq", ">", after)
        .where("seq", "<=", upTo)
        .orderBy("seq")
        .limit(ENTRIES_AT_A_TIME),
    );
  }

  /** Reads all there is. Rejects with `HG_STORAGE_…`. */
  async load(): Promise<void> {
    // Before the rows: what is committed while they are read is read again.
    const seen = await this.#head();
    const now = this.#clock();
    for await (const changes of allOnRecord(this.#records, now)) {
      for (const { type, id, row } of changes) this.#directory.put(type, id, row, now);
    }
    this.#seen = seen;
  }

  /** Takes over a change that this process has committed, as the audit's entry `seq`. */
  put<Type extends RecordType>(type: Type, id: string, row: RecordRows[Type] | undefined, seq: number): void {
    // The answer to the commit came late: what was read since is as new, or newer.
    if (seq <= Math.max(this.#seen, this.#readWith.get(id) ?? 0)) return;
    this.#directory.put(type, id, row, this.#clock());
    if (this.#round) this.#ownChanges.set(id, seq);
    if (seq === this.#seen + 1) this.#seen = seq;
  }

  /** Catches up with others' changes. Never rejects: what fails is tried again at the next call. */
  follow(): Promise<void> {
    this.#isRoundDue = true;
    this.#round ??= this.#runRounds();
    return this.#round;
  }

  /** When no round is under way. */
  async settled(): Promise<void> {
    await this.#round;
  }

  async #runRounds(): Promise<void> {
    try {
      while (this.#isRoundDue) {
        this.#isRoundDue = false;
        await this.#catchUp();
      }
      if (this.#isBehind) this.#log.info("directory-caught-up", { seq: this.#seen });
      this.#isBehind = false;
    } catch (error) {
      if (!this.#isBehind) this.#log.warn("directory-behind", { seq: this.#seen, reason: (error as Error).message });
      this.#isBehind = true;
    } finally {
      this.#round = undefined;
    }
  }

  async #catchUp(): Promise<void> {
    this.#ownChanges.clear();
    const seen = this.#seen;
    const upTo = await this.#head();
    // A backup was put in its place, or a standby took over that had not got everything.
    if (upTo < seen) throw new Error("the database lacks changes that it had committed: restart this instance");
    while (this.#seen < upTo) {
      const entries = await this.#readEntries.rows(this.#storage, { after: this.#seen, upTo });
      if (entries.length === 0) throw new Error("the audit lacks entries: see the command `audit verify`");
      for (const type of RECORD_TYPES) await this.#readAgain(type, idsOf(type, entries), upTo);
      this.#seen = Math.max(this.#seen, entries.at(-1)?.seq ?? 0);
    }
    this.#readWith.clear();
  }

  async #readAgain<Type extends RecordType>(type: Type, ids: ReadonlySet<string>, upTo: number): Promise<void> {
    if (ids.size === 0) return;
    const rows = new Map<string, RecordRows[Type]>();
    for (const row of await this.#records[type].findAll([...ids])) rows.set(row.id, row);
    for (const id of ids) {
      // Read when all up to `upTo` was there: an own change after that may not have been, and stands.
      if ((this.#ownChanges.get(id) ?? 0) > upTo) continue;
      this.#directory.put(type, id, rows.get(id), this.#clock());
      this.#readWith.set(id, upTo);
    }
  }

  async #head(): Promise<number> {
    const [head] = await this.#readHead.rows(this.#storage, {});
    return head?.seq ?? 0;
  }
}

function idsOf(type: RecordType, entries: readonly Entry[]): Set<string> {
  return new Set(entries.filter((entry) => entry.subject_type === type).map((entry) => entry.subject_id));
}

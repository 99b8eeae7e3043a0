import type { Storage } from "@headgate/storage";
import { Accounts } from "./accounts.ts";
import { ApiKeys } from "./api-keys.ts";
import { AuditTrail } from "./audit-trail.ts";
import type { ControlLog } from "./control-log.ts";
import { Directory } from "./directory.ts";
import { DirectoryFeed } from "./directory-feed.ts";
import { idMaker } from "./id.ts";
import { Ledger } from "./ledger.ts";
import { OverrideBook } from "./override-book.ts";
import { allOnRecord, type RecordState, recordsIn } from "./records.ts";
import { type Office, Registrar } from "./registrar.ts";
import { Suspensions } from "./suspensions.ts";
import { every as everyByTimer } from "./timer.ts";
import { Tokens } from "./tokens.ts";

/** All there is on record, and every way to change it. A change is answered after its commit, and holds from then on. */
export interface Control {
  readonly directory: Directory;
  readonly accounts: Accounts;
  readonly keys: ApiKeys;
  readonly tokens: Tokens;
  readonly overrides: OverrideBook;
  readonly suspensions: Suspensions;
  readonly audit: AuditTrail;
  readonly storage: Storage;
  /** Reads what is on record and not over, in an order in which it can be put into a directory. Rejects with `HG_STORAGE_…`. */
  everything(): AsyncIterable<readonly RecordState[]>;
  /** Stops following others. The storage is the opener's to close, after this. */
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly storage: Storage;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly log: ControlLog;
  /** Calls `run` again and again until what it returns is called; by default with a timer. */
  readonly every?: ((intervalMs: number, run: () => void) => () => void) | undefined;
}

/** Others' changes are told of at once; this finds those whose notice was lost, with half a second to spare. */
const LOOK_EVERY_MS = 500;
const SWEEP_EVERY_MS = 10_000;

/** Reads all that is on record into memory, and keeps it in step from then on. Rejects with `HG_STORAGE_…`. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { storage, clock, log, every = everyByTimer } = options;
  const records = recordsIn(storage);
  const directory = new Directory();
  const feed = new DirectoryFeed(directory, { storage, records, clock, log });
  const ledger = new Ledger(storage, clock);
  const registrar = new Registrar(ledger, feed);
  const office: Office = { storage, records, clock, newId: idMaker(clock), registrar };

  await feed.load();
  const stops = [
    storage.onForeignCommit(() => void feed.follow()),
    every(SWEEP_EVERY_MS, () => directory.sweep(clock())),
  ];
  // SQLite's file is this process's alone.
  if (storage.dialect === "postgres") {
    stops.push(every(LOOK_EVERY_MS, () => void feed.follow()));
    await feed.follow();
  }
  return {
    directory,
    accounts: new Accounts(office),
    keys: new ApiKeys(office, directory),
    tokens: new Tokens(office, directory),
    overrides: new OverrideBook(office),
    suspensions: new Suspensions(office),
    audit: new AuditTrail(storage, ledger),
    storage,
    everything: () => allOnRecord(records, clock()),
    close: async () => {
      for (const stop of stops) stop();
      await feed.settled();
    },
  };
}

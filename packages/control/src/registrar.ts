import type { Statement, Storage } from "@headgate/storage";
import type { Actor } from "./actor.ts";
import type { DirectoryFeed } from "./directory-feed.ts";
import type { IdMaker, RecordType } from "./id.ts";
import type { Ledger } from "./ledger.ts";
import type { RecordRows, Records } from "./records.ts";

/** One change of one record. */
export interface RecordChange<Type extends RecordType> {
  readonly type: Type;
  readonly id: string;
  /** The row as it will be; undefined where it is removed. */
  readonly row: RecordRows[Type] | undefined;
  readonly statements: readonly Statement[];
  readonly action: string;
  readonly by: Actor;
  /** As the admin API shows it. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What every part of control works with. */
export interface Office {
  readonly storage: Storage;
  readonly records: Records;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly newId: IdMaker;
  readonly registrar: Registrar;
}

/** Carries changes out: on disk and in the audit, and from then on in memory. */
export class Registrar {
  readonly #ledger: Ledger;
  readonly #feed: DirectoryFeed;

  constructor(ledger: Ledger, feed: DirectoryFeed) {
    this.#ledger = ledger;
    this.#feed = feed;
  }

  /** Resolves to whether it was done; false where an expectation of the statements did not hold, and nothing was. */
  async carryOut<Type extends RecordType>(change: RecordChange<Type>): Promise<boolean> {
    const { type, id, row, ...rest } = change;
    const entered = await this.#ledger.enter({ ...rest, subject: { type, id } });
    if ("unmet" in entered) return false;
    this.#feed.put(type, id, row, entered.seq);
    return true;
  }
}

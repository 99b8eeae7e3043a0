import { hash } from "node:crypto";
import { type AuditRow, Prepared, type Statement, type Storage } from "@headgate/storage";
import { sql } from "kysely";
import type { Actor } from "./actor.ts";

/** One change, as it goes to the database: what happens to which rows, and what the audit says of it. */
export interface Change {
  /** `account.created`, `key.revoked` … */
  readonly action: string;
  readonly by: Actor;
  readonly subject: { readonly type: string; readonly id: string };
  /** How the thing was and is, as the admin API shows it: never a secret, nor the hash of one. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly statements: readonly Statement[];
}

/** What became of a change: its place in the audit, or which expectation of its statements did not hold. */
export type Entered = { readonly seq: number } | { readonly unmet: string };

type AuditContent = Omit<AuditRow, "seq" | "hash">;

/**
 * Writes changes and their audit in one transaction. The entry comes first: its head row is the one lock that all writers
 * take, and take before any other, so changes of all instances are one after the other, `seq` has no gaps and is in the
 * order of the commits, and nobody waits for another in a circle.
 */
export class Ledger {
  readonly #storage: Storage;
  readonly #clock: () => number;
  readonly #moveHead: Prepared<{ content: string }>;
  readonly #addEntry: Prepared<AuditContent>;

  constructor(storage: Storage, clock: () => number) {
    this.#storage = storage;
    this.#clock = clock;
    this.#moveHead = new Prepared(["content"], ({ content }) =>
      storage.build.updateTable("audit_head").set({
        seq: sql`seq + 1`,
        hash: sql`headgate_sha256(hash || ':' || (seq + 1) || ':' || ${content})`,
      }),
    );
    this.#addEntry = new Prepared(
      ["time", "actor", "action", "subject_type", "subject_id", "before", "after"],
      (content) =>
        storage.build
          .insertInto("audit")
          .values(({ selectFrom }) => ({
            ...content,
            seq: selectFrom("audit_head").select("seq"),
            hash: selectFrom("audit_head").select("hash"),
          }))
          .returning("seq"),
    );
  }

  /** All of it, on disk, or nothing. Rejects as {@link Storage.write} does. */
  async enter({ action, by, subject, before, after, statements }: Change): Promise<Entered> {
    const content: AuditContent = {
      time: this.#clock(),
      actor: by,
      action,
      subject_type: subject.type,
      subject_id: subject.id,
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
    };
    const { unmet, results } = await this.#storage.write([
      this.#moveHead.statement({ content: contentOf(content) }, { rows: 1, name: "head" }),
      this.#addEntry.statement(content),
      ...statements,
    ]);
    return unmet === undefined ? { seq: Number(results[1]?.rows[0]?.seq) } : { unmet };
  }
}

/** What the hash of an entry is over, besides the entry before it. */
function contentOf({ time, actor, action, subject_type, subject_id, before, after }: AuditContent): string {
  return JSON.stringify([time, actor, action, subject_type, subject_id, before, after]);
}

/** The hash before the first entry. */
export const NO_HASH: string = "0".repeat(64);

/** The hash of an entry, SHA-256 in hex, as the database computes it too. */
export function hashAfter(hashBefore: string, entry: Omit<AuditRow, "hash">): string {
  return hash("sha256", `${hashBefore}:${entry.seq}:${contentOf(entry)}`, "hex");
}

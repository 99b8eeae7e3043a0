import { type EventRow, Prepared, type Statement, type Storage } from "@headgate/storage";
import type { ChainEnd } from "./chain.ts";
import { NO_HASH } from "./head.ts";

/** What is not so where a chain did not end as was thought. */
export const HEAD_MOVED = "events-head";

/** Adds events to the chain of an account, if it ends as is said. */
export interface AppendStatements {
  /** `rows`: one at least, of one account, the next ones after `before`. */
  add(before: ChainEnd, rows: readonly EventRow[]): readonly Statement[];
}

interface HeadMove {
  readonly account_id: string;
  readonly seq: number;
  readonly hash: string;
  readonly seqBefore: number;
  readonly hashBefore: string;
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

export function appendStatements(storage: Storage): AppendStatements {
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
    add(before, rows) {
      const { account_id, seq, hash } = rows.at(-1) as EventRow;
      return [
        moveHead.statement(
          { account_id, seq, hash, seqBefore: before.seq, hashBefore: before.hash },
          { rows: 1, name: HEAD_MOVED },
        ),
        addEvent.statementForEach(rows),
      ];
    },
  };
}

import type { Commit, StatementResult } from "../storage.ts";
import { meets, type Outcome, type Transaction, unmetCommit } from "../transaction.ts";
import type { Connection } from "./connection.ts";
import { failed, isOfDatabase } from "./sqlite-fault.ts";

/**
 * Carries out transactions in one commit. Each has a savepoint, so that one that fails takes nothing with it. Throws
 * where the database itself fails: then nothing of the batch is kept.
 */
export function commitBatch(connection: Connection, batch: readonly Transaction[]): Outcome[] {
  connection.run("begin immediate");
  try {
    const outcomes = batch.map((transaction) => carryOut(connection, transaction));
    connection.run("commit");
    return outcomes;
  } catch (error) {
    if (connection.isInTransaction) connection.run("rollback");
    throw error;
  }
}

function carryOut(connection: Connection, transaction: Transaction): Outcome {
  connection.run("savepoint one");
  let outcome: Outcome;
  try {
    outcome = run(connection, transaction);
  } catch (error) {
    if (isOfDatabase(error) || !connection.isInTransaction) throw error;
    connection.run("rollback to one");
    outcome = failed(error);
  }
  connection.run("release one");
  return outcome;
}

function run(connection: Connection, transaction: Transaction): Commit {
  const results: StatementResult[] = [];
  for (const { sql, parameters, rows, expects } of transaction) {
    const result = rows ? connection.runEach(sql, rows) : connection.run(sql, parameters);
    if (!meets(expects, result)) {
      connection.run("rollback to one");
      return unmetCommit(expects?.name ?? "");
    }
    results.push(result);
  }
  return { unmet: undefined, results };
}

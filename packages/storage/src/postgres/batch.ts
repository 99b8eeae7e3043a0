import { hash } from "node:crypto";
import type { Client, QueryConfig, QueryResult } from "pg";
import type { Commit, Statement, StatementResult } from "../storage.ts";
import { joined, meets, type Outcome, type Transaction, unmetCommit } from "../transaction.ts";
import { failed, isOfDatabase } from "./postgres-fault.ts";

/**
 * Writers of all instances take turns: what a transaction sees is what the one before it left, and none waits for
 * another in a circle. Whatever the server's defaults are, each statement sees what was committed before it, and what
 * was committed is on disk.
 */
const BEGIN = `
  begin isolation level read committed;
  select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') = 'off';
  select pg_advisory_xact_lock(hashtext('headgate write'), hashtext(current_schema()))`;

/** The channel on which instances tell each other that there is something new. */
export const CHANNEL = "headgate";

/**
 * Carries out transactions in one commit, on a connection that sends without waiting. Each has a savepoint, so that one
 * that fails takes nothing with it. Others are told `signature`. Throws where the database itself fails: then nothing of
 * the batch is kept, as soon as the connection ends.
 */
export async function commitBatch(
  client: Client,
  batch: readonly Transaction[],
  signature: string,
): Promise<Outcome[]> {
  // Waited for: without it what follows would be in no transaction at all.
  await client.query(BEGIN);
  const asides: Promise<unknown>[] = [];
  const outcomes: Outcome[] = [];
  for (const transaction of batch) outcomes.push(await carryOut(client, transaction, asides));
  if (outcomes.some(isKept))
    asides.push(send(client, { text: "select pg_notify($1, $2)", values: [CHANNEL, signature] }));
  const committed = send(client, "commit");
  await Promise.all(asides);
  if ((await committed).command !== "COMMIT") throw new Error("the server rolled the batch back");
  return outcomes;
}

/** What nobody waits for at once, such as the savepoint's end, goes to `asides`. */
async function carryOut(client: Client, transaction: Transaction, asides: Promise<unknown>[]): Promise<Outcome> {
  asides.push(send(client, "savepoint one"));
  const answers = await Promise.allSettled(transaction.map((statement) => sendAll(client, statement)));
  const outcome = judge(transaction, answers);
  asides.push(send(client, isKept(outcome) ? "release one" : "rollback to one; release one"));
  return outcome;
}

/** The first statement that failed or did not do what was expected decides: those after it should not have run. */
function judge(transaction: Transaction, answers: readonly PromiseSettledResult<StatementResult>[]): Outcome {
  const results: StatementResult[] = [];
  for (const [index, answer] of answers.entries()) {
    if (answer.status === "rejected") {
      if (isOfDatabase(answer.reason)) throw answer.reason;
      return failed(answer.reason);
    }
    const result = answer.value;
    const { expects } = transaction[index] as Statement;
    if (!meets(expects, result)) return unmetCommit(expects?.name ?? "");
    results.push(result);
  }
  return { unmet: undefined, results };
}

function isKept(outcome: Outcome): outcome is Commit {
  return "unmet" in outcome && outcome.unmet === undefined;
}

function toResult({ command, rowCount, rows }: QueryResult): StatementResult {
  return { changes: command === "SELECT" ? 0 : (rowCount ?? 0), rows };
}

/** Sends a statement, once or for each of its rows; rejects with the first failure, when all have been answered. */
async function sendAll(client: Client, { sql, parameters, rows }: Statement): Promise<StatementResult> {
  if (!rows) return toResult(await send(client, { text: sql, values: [...parameters] }));
  // Named, so that the server reads and plans it once for all rows.
  const name = hash("sha256", sql, "base64url");
  const answers = await Promise.allSettled(rows.map((row) => send(client, { name, text: sql, values: [...row] })));
  return joined(
    answers.map((answer) => {
      if (answer.status === "rejected") throw answer.reason;
      return toResult(answer.value);
    }),
  );
}

/** Sends one statement. The promise may be left alone for a while: its rejection counts as looked after. */
function send(client: Client, query: string | QueryConfig): Promise<QueryResult> {
  const answer = client.query(query);
  answer.catch(() => {});
  return answer;
}

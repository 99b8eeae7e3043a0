import type { Policy } from "@headgate/policy";
import type { LogReading } from "./log/read-log.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Decided } from "./replay/decided.ts";
import { Replay } from "./replay/replay.ts";
import { unmetLimitNotes } from "./unmet-limits.ts";

export interface RehearseOptions {
  /** Most callers that each rehearsal names. Default 20. */
  readonly topCallers?: number | undefined;
  /** Where what the first policy decides is written. */
  readonly decisions?: DecisionSink | undefined;
}

export interface DecisionSink {
  /** What is decided of one request: read it now, for the next is written over it. */
  note(decided: Decided): void;
  /** Called after each some thousand. Nothing more is read before it has done. */
  drain(): Promise<void>;
}

/**
 * Replays logs against policies, all in one pass, and says what would have become of the requests: one rehearsal for each
 * policy, in their order.
 */
export async function rehearse<const Policies extends readonly Policy[]>(
  policies: Policies,
  reading: LogReading,
  { topCallers, decisions }: RehearseOptions = {},
): Promise<{ [Index in keyof Policies]: Rehearsal }> {
  const replays = policies.map((policy) => new Replay(policy));
  const [first, ...others] = replays;
  for await (const batch of reading.batches) {
    first?.takeAll(batch, decisions && ((decided) => decisions.note(decided)));
    for (const replay of others) replay.takeAll(batch);
    await decisions?.drain();
  }
  const log = reading.report();
  return replays.map((replay, i) => {
    const rehearsal = replay.rehearsal(log, topCallers);
    return { ...rehearsal, notes: [...rehearsal.notes, ...unmetLimitNotes(policies[i] as Policy, rehearsal)] };
  }) as { [Index in keyof Policies]: Rehearsal };
}

import type { Policy } from "@headgate/policy";
import type { LogReading } from "./log/read-log.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Decided } from "./replay/decided.ts";
import { Replay } from "./replay/replay.ts";
import { unmetLimitNotes } from "./unmet-limits.ts";

export interface RehearseOptions {
  /** Most callers that each rehearsal names. Default 20. */
  readonly topCallers?: number | undefined;
  /** Hears of what the first policy decides, a batch of requests at a time; the next is not read before it has done. */
  readonly onDecided?: ((decided: readonly Decided[]) => Promise<void> | void) | undefined;
}

/**
 * Replays logs against policies, all in one pass, and says what would have become of the requests: one rehearsal for each
 * policy, in their order.
 */
export async function rehearse<const Policies extends readonly Policy[]>(
  policies: Policies,
  reading: LogReading,
  { topCallers, onDecided }: RehearseOptions = {},
): Promise<{ [Index in keyof Policies]: Rehearsal }> {
  const replays = policies.map((policy) => new Replay(policy));
  const [first, ...others] = replays;
  for await (const batch of reading.batches) {
    const decided: Decided[] = [];
    for (const request of batch) {
      const outcome = first?.take(request);
      if (onDecided && outcome) decided.push(outcome);
    }
    for (const replay of others) for (const request of batch) replay.take(request);
    await onDecided?.(decided);
  }
  const log = reading.report();
  return replays.map((replay, i) => {
    const rehearsal = replay.rehearsal(log, topCallers);
    return { ...rehearsal, notes: [...rehearsal.notes, ...unmetLimitNotes(policies[i] as Policy, rehearsal)] };
  }) as { [Index in keyof Policies]: Rehearsal };
}

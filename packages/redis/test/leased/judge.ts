import type { Limit } from "@headgate/core";
import type { Movement, Run } from "./simulation.ts";

/** Units of a limit admitted to each window, by its ticket. */
export function admittedByWindow(asked: Limit, { movements }: Run): Map<number, number> {
  const byWindow = new Map<number, number>();
  for (const { limit, units, ticket } of movements) {
    if (limit !== asked) continue;
    byWindow.set(ticket, (byWindow.get(ticket) ?? 0) + units);
  }
  return byWindow;
}

/** What a run has done that a limit forbids, in words; undefined if nothing. */
export function faultOf(limit: Limit, run: Run): string | undefined {
  const used = new Map<number, number>();
  for (const movement of run.movements) {
    if (movement.limit !== limit) continue;
    const { ticket, units } = movement;
    const current = (used.get(ticket) ?? 0) + units;
    used.set(ticket, current);
    if (units < 0) continue;
    if (movement.to < ticket || movement.from >= ticket + limit.windowMs) {
      return `window ${ticket}: a unit was spent from ${movement.from - ticket} to ${movement.to - ticket} ms of it`;
    }
    const weighed = limit.algorithm === "sliding-window" ? slidingUse(limit, movement, used) : current;
    if (weighed > limit.quota) return `window ${ticket}: ${weighed} of ${limit.quota} admitted`;
  }
  return undefined;
}

/** What the last `windowMs` have used, by the definition: all of this window, and of the one before what still counts. */
function slidingUse({ windowMs }: Limit, { ticket, to }: Movement, used: ReadonlyMap<number, number>): number {
  const elapsed = Math.min(windowMs - 1, Math.max(0, to - ticket));
  const previous = used.get(ticket - windowMs) ?? 0;
  return (used.get(ticket) ?? 0) + (previous * (windowMs - elapsed)) / windowMs;
}

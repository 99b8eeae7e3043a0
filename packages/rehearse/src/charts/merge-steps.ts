import type { Timeline, TimelineStep } from "../rehearsal.ts";

/** The timeline in at most so many steps: neighbours are put together, as many in each step. */
export function mergeSteps({ stepMs, steps }: Timeline, most: number): Timeline {
  const together = Math.max(1, Math.ceil(steps.length / most));
  const merged: TimelineStep[] = [];
  for (let i = 0; i < steps.length; i += together) merged.push(sumOf(steps.slice(i, i + together)));
  return { stepMs: stepMs * together, steps: merged };
}

function sumOf(steps: readonly TimelineStep[]): TimelineStep {
  return steps.reduce((sum, step) => ({
    from: sum.from,
    admitted: sum.admitted + step.admitted,
    refused: sum.refused + step.refused,
    shadowRefused: sum.shadowRefused + step.shadowRefused,
  }));
}

/** One way of doing the work: `run` does it `count` times and returns something that depends on having done it. */
export interface Candidate {
  readonly name: string;
  /** Shared memory that the process's own figures leave out. */
  readonly sharedBytes?: number;
  run(count: number): number | Promise<number>;
}

/** What one candidate took in every round, in ns an operation. */
export interface Measurement {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Runs every candidate once a round, in turn, so that noise meets all of them alike; the first round warms up and is not
 * counted.
 */
export async function interleave(
  candidates: readonly Candidate[],
  count: number,
  rounds: number,
): Promise<Measurement[]> {
  const samples = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  let consumed = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const candidate of candidates) {
      globalThis.gc?.();
      const start = process.hrtime.bigint();
      consumed += await candidate.run(count);
      const elapsed = Number(process.hrtime.bigint() - start) / count;
      if (round > 0) samples.get(candidate.name)?.push(elapsed);
    }
  }
  if (!Number.isFinite(consumed))
    throw new Error("a candidate returned no number: its work may have been optimised away");
  return [...samples].map(([name, values]) => summarize(name, values));
}

/** Median and extremes of a series. */
export function summarize(name: string, values: readonly number[]): Measurement {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    name,
    median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    low: sorted[0] ?? Number.NaN,
    high: sorted.at(-1) ?? Number.NaN,
  };
}

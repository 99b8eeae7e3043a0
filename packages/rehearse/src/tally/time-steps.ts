import type { Timeline } from "../rehearsal.ts";

const MOST_STEPS = 400;
/** In seconds; each divides the next, so that steps can be joined. After these they double. */
const STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400];
/** Of one step: admitted, refused, shadow-refused. */
const FIELDS = 3;

/** Counts over time. Where the log grows longer, steps are joined into longer ones, so that there are never many. */
export class TimeSteps {
  #index = 0;
  #stepMs = 1000;
  /** The number of the first step, counted from the epoch. */
  #first = 0;
  #steps = 0;
  readonly #counts = new Float64Array(MOST_STEPS * FIELDS);

  /** Times are epoch ms, in order. */
  note(now: number, isAllowed: boolean, isShadowRefused: boolean): void {
    if (this.#steps === 0) this.#first = Math.floor(now / this.#stepMs);
    let step = Math.floor(now / this.#stepMs) - this.#first;
    while (step >= MOST_STEPS) {
      this.#join();
      step = Math.floor(now / this.#stepMs) - this.#first;
    }
    this.#steps = Math.max(this.#steps, step + 1);
    const at = step * FIELDS;
    this.#add(isAllowed ? at : at + 1, 1);
    if (isShadowRefused) this.#add(at + 2, 1);
  }

  timeline(): Timeline {
    return {
      stepMs: this.#stepMs,
      steps: Array.from({ length: this.#steps }, (_, i) => ({
        from: (this.#first + i) * this.#stepMs,
        admitted: this.#counts[i * FIELDS] as number,
        refused: this.#counts[i * FIELDS + 1] as number,
        shadowRefused: this.#counts[i * FIELDS + 2] as number,
      })),
    };
  }

  #join(): void {
    const longer = STEPS[++this.#index];
    const stepMs = longer === undefined ? this.#stepMs * 2 : longer * 1000;
    const factor = stepMs / this.#stepMs;
    const first = Math.floor(this.#first / factor);
    const before = this.#counts.slice(0, this.#steps * FIELDS);
    this.#counts.fill(0);
    let steps = 0;
    before.forEach((count, at) => {
      const step = Math.floor((this.#first + Math.floor(at / FIELDS)) / factor) - first;
      this.#add(step * FIELDS + (at % FIELDS), count);
      steps = step + 1;
    });
    this.#stepMs = stepMs;
    this.#first = first;
    this.#steps = steps;
  }

  #add(at: number, count: number): void {
    this.#counts[at] = (this.#counts[at] as number) + count;
  }
}

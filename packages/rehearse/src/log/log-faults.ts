import { HeadgateError } from "@headgate/core";
import type { LogFault, LogFaultExample, LogFaultKind } from "../log-report.ts";

/** How many of each kind are kept; the others are counted. */
const MOST_EXAMPLES = 5;

/** What is wrong with logs, counted, with the first few of each kind. */
export class LogFaults {
  readonly #isStrict: boolean;
  readonly #faults = new Map<LogFaultKind, { count: number; examples: LogFaultExample[] }>();

  /** Where it is strict the first fault is thrown, as `HG_LOG_FAULT`. */
  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  note(kind: LogFaultKind, example: LogFaultExample): void {
    if (this.#isStrict && kind !== "not-http") {
      const { file, line, why } = example;
      throw new HeadgateError("HG_LOG_FAULT", `${line > 0 ? `${file}:${line}` : file}: ${why}`);
    }
    const fault = this.#faults.get(kind) ?? { count: 0, examples: [] };
    fault.count++;
    if (fault.examples.length < MOST_EXAMPLES) fault.examples.push(example);
    this.#faults.set(kind, fault);
  }

  list(): LogFault[] {
    return [...this.#faults].map(([kind, { count, examples }]) => ({ kind, count, examples: [...examples] }));
  }
}

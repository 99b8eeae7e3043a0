import type { LogFaultKind } from "../log-report.ts";
import type { LoggedRequest } from "../logged-request.ts";
import { formatDuration } from "../report/quantities.ts";
import { Disorder, type ReadRequest } from "./disorder.ts";
import type { LogFaults } from "./log-faults.ts";

/** What one file has given so far. */
export class Intake {
  readonly #file: string;
  readonly #faults: LogFaults;
  #batch: LoggedRequest[] = [];
  #disorder: Disorder | undefined;
  #latest = 0;
  #lines = 0;
  #hasRequests = false;
  #hasFaults = false;

  constructor(file: string, faults: LogFaults) {
    this.#file = file;
    this.#faults = faults;
  }

  /** Lines, or entries, that were not empty. */
  get lines(): number {
    return this.#lines;
  }

  get hasRequests(): boolean {
    return this.#hasRequests;
  }

  /** Whether something has been found wrong with it. */
  get hasFaults(): boolean {
    return this.#hasFaults;
  }

  /** Has requests put in order of their times, as far as they are not too far apart: for logs that are in another. */
  expectDisorder(): void {
    this.#disorder = new Disorder();
  }

  /** Takes what was read of a line, or why there is no request in it. `line` is from 1. */
  take(read: LoggedRequest | string, line: number): void {
    this.#lines++;
    if (typeof read === "string") {
      this.fault("unparsable", line, read);
      return;
    }
    this.#hasRequests = true;
    if (this.#disorder) this.#admitAll(this.#disorder.take({ request: read, line }));
    else this.#admit(read, line);
  }

  /** There are no more. */
  end(): void {
    if (this.#disorder) this.#admitAll(this.#disorder.end());
  }

  /** Takes note of a line that is no request. */
  takeFault(kind: LogFaultKind, line: number, why: string): void {
    this.#lines++;
    this.fault(kind, line, why);
  }

  /** `line` is 0 where it is the file as a whole. */
  fault(kind: LogFaultKind, line: number, why: string): void {
    this.#hasFaults = true;
    this.#faults.note(kind, { file: this.#file, line, why });
  }

  /** The requests that have come since this was last asked. */
  drain(): readonly LoggedRequest[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  #admitAll(reads: readonly ReadRequest[]): void {
    for (const { request, line } of reads) this.#admit(request, line);
  }

  #admit(request: LoggedRequest, line: number): void {
    if (request.time < this.#latest) {
      this.#batch.push(this.#notBefore(request, line));
      return;
    }
    this.#latest = request.time;
    this.#batch.push(request);
  }

  /** Servers write a line when the answer has ended, and some write when it began: a little disorder is usual. */
  #notBefore(request: LoggedRequest, line: number): LoggedRequest {
    const earlier = formatDuration(this.#latest - request.time);
    this.fault("time-backwards", line, `it is ${earlier} earlier than a line before it`);
    return { ...request, time: this.#latest };
  }
}

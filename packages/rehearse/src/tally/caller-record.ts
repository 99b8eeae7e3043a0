import type { CallerTally } from "../rehearsal.ts";
import { shownCaller } from "./shown-caller.ts";
import { ShutOutTime } from "./shut-out-time.ts";

/** What became of one caller's requests. */
export class CallerRecord {
  readonly kind: string;
  readonly value: string;
  /** 53 bits that are this caller's alone, but for chance. */
  readonly hash: number;
  /** Among those that are remembered, from 0. */
  number = 0;
  requests = 0;
  refused = 0;
  shadowRefused = 0;
  // Nearly nobody is ever refused.
  #deniedBy: boolean[] | undefined;
  #refusedBy: Map<string, { times: number }> | undefined;
  #shutOut: ShutOutTime | undefined;

  constructor(kind: string, value: string, hash: number) {
    this.kind = kind;
    this.value = value;
    this.hash = hash;
  }

  get shutOut(): ShutOutTime | undefined {
    return this.#shutOut;
  }

  /** Takes note that a limit denies it. Whether that is the first time, as far as is remembered. */
  noteDenial(limit: number): boolean {
    this.#deniedBy ??= [];
    if (this.#deniedBy[limit]) return false;
    this.#deniedBy[limit] = true;
    return true;
  }

  /** `by` is what the refusal names; `until`, epoch ms, when it has told to come again, where it has. */
  refuse(by: string, now: number, until: number | undefined): void {
    this.refused++;
    this.#refusedBy ??= new Map();
    const known = this.#refusedBy.get(by);
    if (known) known.times++;
    else this.#refusedBy.set(by, { times: 1 });
    if (until === undefined) return;
    this.#shutOut ??= new ShutOutTime();
    this.#shutOut.refuse(now, until);
  }

  admit(now: number): void {
    this.#shutOut?.admit(now);
  }

  toTally(until: number): CallerTally {
    return {
      kind: this.kind,
      value: shownCaller(this.kind, this.value),
      requests: this.requests,
      refused: this.refused,
      shadowRefused: this.shadowRefused,
      refusedBy: Object.fromEntries([...(this.#refusedBy ?? [])].map(([by, { times }]) => [by, times])),
      shutOut: this.#shutOut?.upTo(until) ?? { times: 0, totalMs: 0, longestMs: 0 },
    };
  }
}

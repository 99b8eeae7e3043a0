import type { LimitTally } from "../rehearsal.ts";
import type { CallerRecord } from "./caller-record.ts";
import { DistinctCallers } from "./distinct-callers.ts";

/** What one limit or body cap has said. */
export class LimitCount {
  /** Among the limits and body caps of the policy, from 0. */
  readonly #number: number;
  readonly #about: Pick<LimitTally, "name" | "kind" | "isShadow">;
  #met = 0;
  #denied = 0;
  #binding = 0;
  readonly #callers = new DistinctCallers();

  constructor(number: number, about: Pick<LimitTally, "name" | "kind" | "isShadow">) {
    this.#number = number;
    this.#about = about;
  }

  admit(): void {
    this.#met++;
  }

  deny(caller: CallerRecord): void {
    this.#met++;
    this.#denied++;
    if (caller.noteDenial(this.#number)) this.#callers.add(caller.hash);
  }

  /** A refusal names it. */
  bind(): void {
    this.#binding++;
  }

  toTally(): LimitTally {
    const { name, kind, isShadow } = this.#about;
    const callersDenied = this.#callers.count();
    return { name, kind, isShadow, met: this.#met, denied: this.#denied, binding: this.#binding, callersDenied };
  }
}

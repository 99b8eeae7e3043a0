import type { LimitTally } from "../rehearsal.ts";
import type { CallerRecord } from "./caller-record.ts";
import { DistinctCallers } from "./distinct-callers.ts";

/** What one limit or body cap has said. */
export class LimitCount {
  readonly #about: Pick<LimitTally, "name" | "kind" | "isShadow">;
  #met = 0;
  #denied = 0;
  #binding = 0;
  readonly #callers = new DistinctCallers();

  constructor(about: Pick<LimitTally, "name" | "kind" | "isShadow">) {
    this.#about = about;
  }

  admit(): void {
    this.#met++;
  }

  deny(caller: CallerRecord): void {
    this.#met++;
    this.#denied++;
    this.#callers.add(caller.hash);
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

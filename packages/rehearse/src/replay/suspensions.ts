import type { SyncStore } from "@headgate/core";
import { denialsOf, offendersAmong, type SuspensionRule } from "@headgate/policy";
import type { Callers } from "./known-caller.ts";

/** Who is suspended, on the log's clock. Nobody lifts a suspension here: one without an end lasts to the log's. */
export class Suspensions {
  readonly #rules: readonly SuspensionRule[];
  readonly #store: SyncStore;
  /** Epoch ms of their ends, by caller. Only those over quota get here, so there are few. */
  readonly #ends = new Map<string, number>();

  constructor(rules: readonly SuspensionRule[], store: SyncStore) {
    this.#rules = rules;
    this.#store = store;
  }

  get isNone(): boolean {
    return this.#ends.size === 0;
  }

  /** Epoch ms until when a caller is shut out, Infinity where nothing ends it; undefined where it is not. */
  endOf(callers: Callers, now: number): number | undefined {
    if (this.#ends.size === 0) return undefined;
    let latest: number | undefined;
    for (const name in callers) {
      const key = keyOf(name, callers[name] as string);
      const end = this.#ends.get(key);
      if (end === undefined) continue;
      if (end <= now) this.#ends.delete(key);
      else latest = Math.max(latest ?? 0, end);
    }
    return latest;
  }

  /** Counts a denial, and suspends whom it makes too many for. */
  count(callers: Callers, now: number): void {
    if (this.#rules.length === 0) return;
    const denials = denialsOf(this.#rules, callers);
    if (denials.length === 0) return;
    const verdicts = this.#store.charge(
      denials.map(({ claim }) => claim),
      now,
    );
    for (const { rule, value, claims } of offendersAmong(denials, verdicts)) {
      this.#ends.set(keyOf(rule.per, value), rule.forMs === undefined ? Number.POSITIVE_INFINITY : now + rule.forMs);
      // Whoever is let in again starts anew.
      this.#store.reset(claims);
    }
  }
}

function keyOf(caller: string, value: string): string {
  return `${caller} ${value}`;
}

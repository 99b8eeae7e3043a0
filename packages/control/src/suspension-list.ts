import type { SuspensionRow } from "@headgate/storage";
import { isActive, type SuspendableCaller, type Suspension, suspensionOf } from "./suspension.ts";

const CALLERS: readonly SuspendableCaller[] = ["account", "api-key", "token", "ip"];

/** The suspensions in force, in memory. */
export class SuspensionList {
  readonly #byCaller = new Map<string, Map<string, Suspension>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of these callers' the one that lasts longest. `now` is epoch ms. */
  longestOf(callers: Readonly<Record<string, string>>, now: number): Suspension | undefined {
    if (this.#size === 0) return undefined;
    let longest: Suspension | undefined;
    for (const caller of CALLERS) {
      const value = callers[caller];
      if (value === undefined) continue;
      const suspension = this.#byCaller.get(caller)?.get(value);
      if (suspension === undefined || !isActive(suspension, now)) continue;
      if (longest === undefined || endOf(suspension) > endOf(longest)) longest = suspension;
    }
    return longest;
  }

  /** A suspension as it is from now on. */
  put(row: SuspensionRow, now: number): void {
    const suspension = suspensionOf(row);
    const held = this.#byCaller.get(row.caller)?.get(row.value);
    if (held?.id === row.id && held.version >= row.version) return;
    if (isActive(suspension, now)) this.#add(suspension);
    else if (held?.id === row.id) this.#remove(held);
  }

  /** Forgets what has ended. */
  sweep(now: number): void {
    for (const byValue of this.#byCaller.values()) {
      for (const suspension of byValue.values()) if (!isActive(suspension, now)) this.#remove(suspension);
    }
  }

  #add(suspension: Suspension): void {
    const byValue = this.#byCaller.get(suspension.caller) ?? new Map<string, Suspension>();
    this.#byCaller.set(suspension.caller, byValue);
    this.#size += byValue.has(suspension.value) ? 0 : 1;
    byValue.set(suspension.value, suspension);
  }

  #remove({ caller, value }: Suspension): void {
    if (this.#byCaller.get(caller)?.delete(value)) this.#size -= 1;
  }
}

function endOf({ endsAt }: Suspension): number {
  return endsAt ?? Number.POSITIVE_INFINITY;
}

import type { Suspension } from "@headgate/control";
import type { Awaitable, Store, Verdict } from "@headgate/core";
import { denialsOf, type Offender, offendersAmong, type SuspensionRule } from "@headgate/policy";
import type { Callers, KnownCaller } from "./credentials.ts";
import { type GatewayLog, stackOf } from "./gateway-log.ts";
import type { Records } from "./records.ts";

/** When a suspension ends, in epoch ms; undefined where it lasts until it is lifted. */
export type SuspensionEnd = Pick<Suspension, "endsAt">;

/** Knows who is suspended, and suspends those whom the limits deny too often. */
export class Suspender {
  readonly #records: Records;
  readonly #store: Store;
  readonly #log: GatewayLog;
  /** On their way to the record. They hold from the denial on, so that it does not matter how long writing takes. */
  readonly #pending = new Map<string, SuspensionEnd>();
  #isFailing = false;

  constructor(records: Records, store: Store, log: GatewayLog) {
    this.#records = records;
    this.#store = store;
    this.#log = log;
  }

  /** What keeps a caller out; undefined where nothing does. `now` is epoch ms. */
  suspensionOf(caller: KnownCaller, now: number): SuspensionEnd | undefined {
    const callers = suspendableCallers(caller);
    return this.#pendingOf(callers, now) ?? this.#records.directory.suspensionOf(callers, now);
  }

  /** Counts a denial, and suspends whom it makes too many for. Nobody waits for what this writes. */
  count(rules: readonly SuspensionRule[], caller: KnownCaller, now: number): void {
    const callers = accountableCallers(caller);
    const denials = denialsOf(rules, callers);
    if (denials.length === 0) return;
    const suspend = (verdicts: readonly Verdict[]): void => {
      for (const offender of offendersAmong(denials, verdicts)) void this.#suspend(offender, now);
    };
    let charged: Awaitable<readonly Verdict[]>;
    try {
      charged = this.#store.charge(
        denials.map(({ claim }) => claim),
        now,
      );
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (charged instanceof Promise) charged.then(suspend).catch((error: unknown) => this.#failed(error));
    else suspend(charged);
  }

  async #suspend({ rule, value, claims }: Offender, now: number): Promise<void> {
    const key = keyOf(rule.per, value);
    if (this.#pending.has(key)) return;
    const endsAt = rule.forMs === undefined ? undefined : now + rule.forMs;
    this.#pending.set(key, { endsAt });
    try {
      await this.#records.suspensions.suspend({ caller: rule.per, value, reason: rule.text, endsAt }, "policy");
      // Whoever is let in again starts anew.
      await this.#store.reset(claims);
      this.#isFailing = false;
      this.#log.info("caller-suspended", { caller: rule.per, value, reason: rule.text, endsAt });
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#pending.delete(key);
    }
  }

  #pendingOf(callers: Callers, now: number): SuspensionEnd | undefined {
    if (this.#pending.size === 0) return undefined;
    for (const name in callers) {
      const pending = this.#pending.get(keyOf(name, callers[name] as string));
      if (pending && (pending.endsAt ?? Number.POSITIVE_INFINITY) > now) return pending;
    }
    return undefined;
  }

  /** The counts stay, so the next denial tries again; the log hears of the first failure only. */
  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#log.error("suspension-failed", { error: stackOf(error) });
  }
}

/**
 * Whom a suspension can be of. A key and its tokens by what is on record, whichever way they came: whoever suspends a
 * key means its tokens too. Of callers that are not on record only the address is more than a claim.
 */
function suspendableCallers({ callers, identity }: KnownCaller): Callers {
  const ip = callers.ip as string;
  if (!identity) return { ip };
  const { accountId: account, keyId, id, kind } = identity;
  return kind === "key" ? { ip, account, "api-key": keyId } : { ip, account, "api-key": keyId, token: id };
}

/** Whose doing a denial is. Strangers see a widget token: what they do with it must not shut out its key and account. */
function accountableCallers(caller: KnownCaller): Callers {
  const { callers, identity } = caller;
  return identity?.isWidget ? { ip: callers.ip as string, token: identity.id } : suspendableCallers(caller);
}

function keyOf(caller: string, value: string): string {
  return `${caller} ${value}`;
}

import type { Clock } from "../clock.ts";
import type { OnNotice } from "../notice.ts";
import type { KnownLimit } from "../reading/reading.ts";
import type { Gate } from "./gate.ts";
import { PacedGate } from "./paced-gate.ts";
import type { Pace } from "./pacer.ts";
import type { SharedGate } from "./shared-gate.ts";

/** So many gates are kept, and those in use. Past that, the ones used longest ago are forgotten, and what they knew. */
const MOST_GATES = 1_000;

/** How the gates let calls through. */
export interface GatesOptions {
  readonly pace: Pace;
  /** Calls in flight at most, for each gate. */
  readonly concurrency: number;
  /** Shares what is known, and what is used, with other processes or tabs. Without it each client is alone. */
  readonly share?: SharedGate | undefined;
  readonly clock: Clock;
  /** Is told when sharing fails, and when it works again. */
  readonly onNotice?: OnNotice | undefined;
}

/** The gates of one client: one for each API and credential. */
export class Gates {
  #options: GatesOptions;
  /** Those used last come last. */
  readonly #gates = new Map<string, PacedGate>();

  constructor(options: GatesOptions) {
    this.#options = options;
  }

  /** The gate that calls with this key share. */
  gate(key: string): Gate {
    const known = this.#gates.get(key);
    if (known) this.#gates.delete(key);
    else if (this.#gates.size >= MOST_GATES) this.#forgetOne();
    const gate = known ?? new PacedGate(key, this.#options);
    this.#gates.set(key, gate);
    return gate;
  }

  /** What is known of limits, by key. */
  limits(): Map<string, readonly KnownLimit[]> {
    return new Map([...this.#gates].map(([key, gate]) => [key, gate.limits()]));
  }

  /** Shares no more. Calls that wait go on waiting; each gate is on its own from here on. */
  close(): void {
    this.#options = { ...this.#options, share: undefined };
    for (const gate of this.#gates.values()) gate.close();
  }

  /** The one used longest ago of those that nobody uses now: calls that wait at a forgotten gate would not hold up new ones. */
  #forgetOne(): void {
    for (const [key, gate] of this.#gates) {
      if (!gate.isIdle) continue;
      gate.close();
      this.#gates.delete(key);
      return;
    }
  }
}

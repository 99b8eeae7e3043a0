import type { Verdict } from "@headgate/core";
import type { Link } from "../link.ts";
import { DECIDE, readVerdicts, writeFrame } from "./frame.ts";
import type { Operation, Request } from "./request.ts";
import type { SlotPart } from "./slot-part.ts";

/**
 * Claims that one script call decides at most. Redis serves nobody else meanwhile, for some half a ms; and while it
 * decides the next call, this process answers those who waited for the last.
 */
const MOST_CLAIMS = 128;

/** Requests that go in one script call. */
interface Batch {
  readonly requests: Request[];
  readonly now: number;
  claimCount: number;
}

/** How the time and the expiry of counters are told to scripts; see `ExactStoreOptions`. */
export interface TickOptions {
  readonly time: "server" | "caller";
  readonly graceMs: number;
}

/**
 * Gathers what a tick asks of a slot into one script call. What comes while calls are under way does not wait for them:
 * Redis takes calls one behind the other, and a call that never comes back must hold up no other.
 */
export class Ticks {
  readonly #link: Link;
  readonly #options: TickOptions;
  /** By slot, what is to be sent. */
  readonly #batches = new Map<number, Batch[]>();
  /**
   * Sends half of the calls, and the others with the next turns of the event loop. Redis answers together what has come
   * together: so it would be idle while this process reads the answers, and this process while it decides.
   */
  readonly #flush = (): void => {
    for (const [slot, waiting] of this.#batches) {
      for (const batch of waiting.splice(0, Math.ceil(waiting.length / 2))) void this.#send(batch);
      if (waiting.length === 0) this.#batches.delete(slot);
    }
    if (this.#batches.size > 0) setImmediate(this.#flush);
  };

  constructor(link: Link, options: TickOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Asks with the others of this tick. `now`, epoch ms, is the caller's. */
  ask(operation: Operation, part: SlotPart, now: number): Promise<readonly Verdict[]> {
    if (part.claims.length === 0) return Promise.resolve([]);
    const batch = this.#batchFor(part, now);
    batch.claimCount += part.claims.length;
    return new Promise((resolve, reject) => batch.requests.push({ operation, part, resolve, reject }));
  }

  #batchFor({ slot, claims }: SlotPart, now: number): Batch {
    const waiting = this.#batches.get(slot) ?? [];
    const open = waiting.at(-1);
    const isOfItsTime = this.#options.time === "server" || open?.now === now;
    if (open && isOfItsTime && open.claimCount + claims.length <= MOST_CLAIMS) return open;
    if (this.#batches.size === 0) setImmediate(this.#flush);
    const batch: Batch = { requests: [], now, claimCount: 0 };
    waiting.push(batch);
    this.#batches.set(slot, waiting);
    return batch;
  }

  async #send({ requests, now }: Batch): Promise<void> {
    try {
      const time = this.#options.time === "server" ? Number.NaN : now;
      const { keys, argument } = writeFrame(requests, time, now, this.#options.graceMs);
      readVerdicts(requests, await this.#link.run(DECIDE, keys, argument));
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }
}

import type { Charge, Claim, Store, Verdict } from "@headgate/core";
import { checkClaims } from "../check-claims.ts";
import { forget } from "../forget.ts";
import type { Link } from "../link.ts";
import { PartitionKeys } from "../partition-key.ts";
import type { Operation } from "./request.ts";
import { type AskSlot, inOrder, reserve } from "./reservation.ts";
import { bySlot, type SlotPart } from "./slot-part.ts";
import { Ticks } from "./ticks.ts";

/** How an {@link ExactStore} counts. */
export interface ExactStoreOptions {
  /** What keys begin with. Stores with different prefixes share nothing. Default `hg`. */
  readonly prefix?: string;
  /** Whose clock decides: Redis's, or that of whoever calls, which is for tests and replays. Default `server`. */
  readonly time?: "server" | "caller";
  /** How long Redis keeps a counter when it is of no more use, in ms. Default 1000. */
  readonly graceMs?: number;
}

/**
 * Counters in Redis, asked about every request: exact, however many processes there are. What is asked in one tick goes
 * in one script call for each slot. A request is decided as a whole; where its limits count different partitions and
 * Redis is a Cluster, see {@link reserve}.
 *
 * Calls reject with what the link rejects with.
 */
export class ExactStore implements Store {
  readonly #link: Link;
  readonly #keys: PartitionKeys;
  readonly #ticks: Ticks;

  constructor(link: Link, { prefix = "hg", time = "server", graceMs = 1000 }: ExactStoreOptions = {}) {
    this.#link = link;
    this.#keys = new PartitionKeys(prefix);
    this.#ticks = new Ticks(link, { time, graceMs });
  }

  consume(claims: readonly Claim[], now: number): Promise<readonly Verdict[]> {
    return this.#ask("consume", claims, [], now);
  }

  peek(claims: readonly Claim[], now: number): Promise<readonly Verdict[]> {
    return this.#ask("peek", claims, [], now);
  }

  charge(claims: readonly Claim[], now: number): Promise<readonly Verdict[]> {
    return this.#ask("charge", claims, [], now);
  }

  refund(charges: readonly Charge[], now: number): Promise<readonly Verdict[]> {
    const claims = charges.map(({ claim }) => claim);
    return this.#ask(
      "refund",
      claims,
      charges.map(({ ticket }) => ticket),
      now,
    );
  }

  /** Forgets at once. What is asked in the same tick is decided after it, unless Redis has yet to be told the script. */
  async reset(claims: readonly Claim[]): Promise<void> {
    checkClaims(claims, 0);
    if (claims.length === 0) return;
    const limitsOf = (part: SlotPart) => part.claims.map(({ limit }) => limit);
    await Promise.all(this.#parts(claims, []).map((part) => forget(this.#link, limitsOf(part), part.keys)));
  }

  async #ask(
    operation: Operation,
    claims: readonly Claim[],
    tickets: readonly number[],
    now: number,
  ): Promise<readonly Verdict[]> {
    checkClaims(claims, now);
    const ask: AskSlot = (of, part) => this.#ticks.ask(of, part, now);
    const parts = this.#parts(claims, tickets);
    if (parts.length === 1) return ask(operation, parts[0] as SlotPart);
    if (operation === "consume") return inOrder(await reserve(parts, ask));
    return inOrder(await Promise.all(parts.map(async (part) => ({ part, verdicts: await ask(operation, part) }))));
  }

  /** The claims by slot. Where there are no slots, that is one part. */
  #parts(claims: readonly Claim[], tickets: readonly number[]): readonly SlotPart[] {
    const keys = claims.map(({ limit, partition }) => this.#keys.keyOf(limit, partition));
    if (!this.#link.hasSlots) return [{ slot: 0, claims, keys, tickets, places: [] }];
    return bySlot(claims, keys, tickets, (key) => this.#link.slotOf(key));
  }
}

import { type Decision, WORDS_PER_CLAIM } from "@headgate/core";
import { type Engine, readTarget } from "@headgate/policy";
import { type LoggedRequest, NO_HEADERS } from "../logged-request.ts";
import { MOST_REMEMBERED } from "../tally/caller-book.ts";
import type { CallerRecord } from "../tally/caller-record.ts";
import type { Tallied, Tally } from "../tally/tally.ts";
import { type Zone, Zones } from "./zones.ts";

/** A place for each caller in each zone, of as many as are met in a busy minute; a power of two. */
const PLACES = 1 << 16;
/** Of one place: a cache line. */
const MOST_WORDS = 16;
/** How far the places of one zone are from those of the next: three zones have none in common. */
const ZONE_STRIDE = MOST_REMEMBERED + 1001;

/** A request of a regular. */
export interface Visit extends Tallied {
  readonly zone: Zone;
  /** Of its place, the index among all words. */
  readonly at: number;
}

/**
 * Callers without a credential that have come before. Where their counters are is remembered by caller and zone: such
 * pairs come again and again, where pairs of address and path do not. It is kept as numbers, for it is memory that one
 * waits for among ten thousand callers (bench/simulate.ts).
 */
export class Regulars {
  readonly #engine: Engine;
  readonly #tally: Tally;
  readonly #zones: Zones;
  /** By address, as the log has it. */
  readonly #callers = new Map<string, CallerRecord>();
  /** Of each place whose it is, 0 for nobody's, and where the counters are. One may be taken for another. */
  readonly #places: Int32Array;
  /** Of one place; a power of two, so that none lies across two cache lines. */
  readonly #words: number;
  #generation = 0;

  constructor(engine: Engine, tally: Tally) {
    this.#engine = engine;
    this.#tally = tally;
    this.#zones = new Zones(engine, tally);
    const most = 1 + engine.policy.limits.length * WORDS_PER_CLAIM;
    this.#words = Math.min(MOST_WORDS, 2 ** Math.ceil(Math.log2(most)));
    this.#places = new Int32Array(PLACES * this.#words);
  }

  /** Takes note of a caller that was met. Most come once: only those that come again are remembered. */
  note({ ip = "", headers }: LoggedRequest, caller: CallerRecord): void {
    if (caller.requests < 2 || headers !== NO_HEADERS || caller.kind !== "ip") return;
    if (this.#generation !== this.#tally.callers.generation) this.#startAnew();
    if (this.#callers.size >= MOST_REMEMBERED) this.#callers.clear();
    this.#callers.set(ip, caller);
  }

  /** Undefined where the request is none of a regular, or must be looked at. Good until the next is met. */
  visit({ method, target, headers, ip = "" }: LoggedRequest): Visit | undefined {
    if (headers !== NO_HEADERS) return undefined;
    if (this.#generation !== this.#tally.callers.generation) this.#startAnew();
    const caller = this.#callers.get(ip);
    const zone = caller && this.#zones.of(method, target);
    if (!zone || zone.standing.words >= this.#words) return undefined;
    const at = ((caller.number + zone.number * ZONE_STRIDE) & (PLACES - 1)) * this.#words;
    const owner = 1 + caller.number + zone.number * MOST_REMEMBERED;
    if (this.#places[at] !== owner) {
      this.#locate(method, target, caller, zone, at);
      this.#places[at] = owner;
    }
    return { zone, at, caller, endpoint: zone.endpoint, limits: zone.limits };
  }

  /** What the limits say. Charges, if they admit. */
  decide({ zone, at }: Visit, now: number): Decision {
    return zone.standing.decide(this.#places, at + 1, now);
  }

  #locate(method: string, target: string, { value: ip }: CallerRecord, { standing }: Zone, at: number): void {
    const { path = "" } = readTarget(target) ?? {};
    const facts = { method, path, headers: NO_HEADERS, callers: { ip }, authenticated: false };
    standing.locate(this.#engine.match(facts, 0), this.#places, at + 1);
  }

  /** Numbers are other callers' now. */
  #startAnew(): void {
    this.#generation = this.#tally.callers.generation;
    // Among callers that never come again no place has been taken, and none of their memory is there yet.
    if (this.#callers.size === 0) return;
    this.#callers.clear();
    this.#places.fill(0);
  }
}

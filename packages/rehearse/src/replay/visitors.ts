import { type Decision, WORDS_PER_CLAIM } from "@headgate/core";
import type { Engine } from "@headgate/policy";
import { type LoggedRequest, NO_HEADERS } from "../logged-request.ts";
import { MOST_REMEMBERED } from "../tally/caller-book.ts";
import type { CallerRecord } from "../tally/caller-record.ts";
import type { Tallied, Tally } from "../tally/tally.ts";
import { NearBy } from "./near-by.ts";
import { type Zone, Zones } from "./zones.ts";

/** A place for each caller in each zone, of as many as are met in a busy minute; a power of two. */
const PLACES = 1 << 16;
/** Of one place: a cache line. */
const MOST_WORDS = 16;
/** How far the places of one zone are from those of the next: three zones have none in common. */
const ZONE_STRIDE = MOST_REMEMBERED + 1001;

/** A request of a visitor. */
export interface Visit extends Tallied {
  readonly request: LoggedRequest;
  readonly zone: Zone;
  /** Of its place, the index among all words. */
  readonly at: number;
}

/**
 * Callers without a credential: the zone that they come to says all but where their counters are. That is remembered by
 * caller and zone from the second time on, for such pairs come again and again, where pairs of address and path do not. It is
 * kept as numbers, for it is memory that one waits for among ten thousand callers (bench/simulate.ts).
 */
export class Visitors {
  readonly #engine: Engine;
  readonly #tally: Tally;
  readonly #zones: Zones;
  /** Those that have come before, by address, as the log has it. */
  readonly #callers = new NearBy<CallerRecord>();
  #isAnyKnown = false;
  /** Of each place whose it is, 0 for nobody's, and where the counters are. One may be taken for another. */
  readonly #places: Int32Array;
  /** Of one place; a power of two, so that none lies across two cache lines. */
  readonly #words: number;
  /** The place of whoever comes for the first time: the last. */
  readonly #first: number;
  #generation = 0;
  /** What {@link lookAhead} has found, and which of it comes next. */
  readonly #ahead: Visit[] = [];
  #next = 0;
  #owners = 0;

  constructor(engine: Engine, tally: Tally) {
    this.#engine = engine;
    this.#tally = tally;
    this.#zones = new Zones(engine, tally);
    const most = 1 + engine.policy.limits.length * WORDS_PER_CLAIM;
    this.#words = Math.min(MOST_WORDS, 2 ** Math.ceil(Math.log2(most)));
    this.#first = PLACES * this.#words;
    this.#places = new Int32Array(this.#first + this.#words);
  }

  /**
   * Looks at the requests that are met next, as far as their callers are remembered. Then memory is waited for once, for all
   * of them together: among ten thousand callers that saves a sixth of the time (bench/simulate.ts).
   */
  lookAhead(requests: readonly LoggedRequest[], from: number, to: number): void {
    const ahead = this.#ahead;
    ahead.length = 0;
    this.#next = 0;
    if (this.#generation !== this.#tally.callers.generation) return;
    for (let i = from; i < to; i++) {
      const request = requests[i] as LoggedRequest;
      const { headers, ip, ipNumber } = request;
      if (headers !== NO_HEADERS || ip === undefined || ipNumber === undefined) continue;
      const caller = this.#callers.get(ip, ipNumber);
      const zone = caller && this.#zoneOf(request);
      if (zone) ahead.push(visitOf(request, caller, zone, this.#placeOf(caller, zone)));
    }
    for (let i = 0; i < ahead.length; i++) this.#owners ^= this.#places[(ahead[i] as Visit).at] as number;
    for (let i = 0; i < ahead.length; i++) {
      const { zone, at } = ahead[i] as Visit;
      zone.standing.approach(this.#places, at + 1);
    }
  }

  /** Undefined where the request must be looked at. Good until the next is met. */
  visit(request: LoggedRequest): Visit | undefined {
    const visit = this.#foundAhead(request) ?? this.#find(request);
    if (visit) this.#settle(visit);
    return visit;
  }

  /** What the limits say. Charges, if they admit. */
  decide({ zone, at }: Visit, now: number): Decision {
    return zone.standing.decide(this.#places, at + 1, now);
  }

  #foundAhead(request: LoggedRequest): Visit | undefined {
    const visit = this.#ahead[this.#next];
    if (visit?.request !== request) return undefined;
    this.#next++;
    return this.#generation === this.#tally.callers.generation ? visit : undefined;
  }

  #find(request: LoggedRequest): Visit | undefined {
    if (request.headers !== NO_HEADERS) return undefined;
    const zone = this.#zoneOf(request);
    if (!zone) return undefined;
    const caller = this.#callerOf(request);
    return visitOf(request, caller, zone, caller.requests === 0 ? this.#first : this.#placeOf(caller, zone));
  }

  /** Sees to it that the place of a visit is this caller's. */
  #settle({ caller, zone, at }: Visit): void {
    const owner = 1 + caller.number + zone.number * MOST_REMEMBERED;
    if (this.#places[at] === owner && at !== this.#first) return;
    zone.standing.locate({ ...zone.facts, callers: { ip: caller.value } }, this.#places, at + 1);
    this.#places[at] = owner;
  }

  #zoneOf(request: LoggedRequest): Zone | undefined {
    const zone = this.#zones.of(request);
    return zone && zone.standing.words < this.#words ? zone : undefined;
  }

  #placeOf({ number }: CallerRecord, zone: Zone): number {
    return ((number + zone.number * ZONE_STRIDE) & (PLACES - 1)) * this.#words;
  }

  /** Most come once: only those whose address the log's reader keeps are remembered. */
  #callerOf({ ip = "", ipNumber, time }: LoggedRequest): CallerRecord {
    if (this.#generation !== this.#tally.callers.generation) this.#startAnew();
    const known = ipNumber === undefined ? undefined : this.#callers.get(ip, ipNumber);
    if (known) return known;
    const callers = this.#engine.policy.callers.read({ headers: NO_HEADERS, query: "", peerAddress: ip });
    const caller = this.#tally.callers.meet("ip", callers?.ip as string, time);
    if (ipNumber !== undefined) this.#remember(ip, ipNumber, caller);
    return caller;
  }

  #remember(ip: string, ipNumber: number, caller: CallerRecord): void {
    // Where its record has just been made, others may have been forgotten for it.
    if (this.#generation !== this.#tally.callers.generation) this.#startAnew();
    this.#callers.set(ip, ipNumber, caller);
    this.#isAnyKnown = true;
  }

  /** Numbers are other callers' now. */
  #startAnew(): void {
    this.#generation = this.#tally.callers.generation;
    // Among callers that never come again no place has been taken, and none of their memory is there yet.
    if (!this.#isAnyKnown) return;
    this.#isAnyKnown = false;
    this.#callers.clear();
    this.#places.fill(0);
  }
}

function visitOf(request: LoggedRequest, caller: CallerRecord, zone: Zone, at: number): Visit {
  return { request, zone, at, caller, endpoint: zone.endpoint, limits: zone.limits };
}

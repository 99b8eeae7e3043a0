import type { Cells, Limit } from "@headgate/core";
import type { Counter, Grant, Order, Standing } from "./centre.ts";
import { Chunk } from "./chunk.ts";
import { ageOf, algorithmOf, centreTime, forward, learn, leftOf, put, ticketOf, withdraw } from "./lease.ts";
import type { Place } from "./lease-table.ts";
import { Pace } from "./pace.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Waiter } from "./waiter.ts";

/** Units of a window that are to be given back. */
interface Returned {
  readonly units: number;
  readonly ticket: number;
}

/** What would last for more sweeps than these is given back. */
const KEPT_SWEEPS = 10;

/** One thread's dealings with the centre over one counter: takes chunks before they are needed, and gives back. */
export class Taker {
  /** Whether a request has come since this was last set to false. */
  isWanted = true;
  /** Whether nobody looks after this one any more. */
  isRetired = false;
  /** The limit that last met the counter: a policy may have changed since the first did. */
  limit: Limit;
  readonly place: Place;
  readonly #partition: string;
  readonly #around: Surroundings;
  readonly #chunk = new Chunk();
  readonly #pace: Pace;
  /** Who goes with the next question, by the limit it is asked under; and how many questions are yet to be answered. */
  readonly #boarding = new Map<Limit, Waiter[]>();
  #questions = 0;
  /** Units charged here that the centre has yet to be told of, and their window. */
  #untold = 0;
  #untoldTicket = 0;
  /** What was left when last swept, with what has come since, and what was too much then. */
  #stock = 0;
  #surplus = 0;

  /** `askedAt` is when the centre was last asked about the counter; 0 where it never was. */
  constructor(place: Place, { limit, partition }: Counter, askedAt: number, around: Surroundings) {
    this.limit = limit;
    this.place = place;
    this.#partition = partition;
    this.#around = around;
    this.#pace = new Pace(around.clock(), askedAt);
  }

  /** Whether this is the taker of a limit's counter, where it is that of the partition. */
  isOf({ counterId: [low, high] }: Limit): boolean {
    const { counterId } = this.limit;
    return counterId[0] === low && counterId[1] === high;
  }

  /** Takes units for a request that waits for them, with the next question that leaves. */
  supply(waiter: Waiter): void {
    const boarding = this.#boarding.get(waiter.limit);
    if (boarding) boarding.push(waiter);
    else this.#ask(waiter.limit, [waiter]);
  }

  /** Takes the next chunk while there is still something `left`. */
  refill(limit: Limit, left: number, now: number): void {
    if (!this.#chunk.isRunningOut(left, now) || this.#questions > 0 || this.#pace.isResting(now)) return;
    this.#ask(limit, []);
  }

  /** After a denial for want of `units`: asks now and then whether others have given back. */
  look(limit: Limit, units: number, now: number): void {
    if (this.#questions === 0 && this.#pace.isLookDue(now)) this.#ask(limit, [], units);
  }

  /** See {@link Pace.waitMs}. */
  pacedMs(units: number, now: number): number {
    return this.#pace.waitMs(units, now, this.#questions > 0);
  }

  /**
   * Notes units that were charged to a window of the lease. The centre is told of them with the next sum; at once, if
   * they have opened a window that it does not know.
   */
  owe(units: number, ticket: number, opensWindow: boolean): void {
    if (this.#untoldTicket !== ticket) this.#tell();
    if (opensWindow) {
      forget(this.charge(units));
    } else {
      this.#untold += units;
      this.#untoldTicket = ticket;
    }
  }

  /** Charges units at the centre. Resolves to their window. */
  async charge(units: number): Promise<number> {
    const { centre, clock, epoch } = this.#around;
    const askedAt = clock();
    const standing = await centre.charge(this.#counter(), units, epoch());
    this.#learn(standing, askedAt);
    return standing.cells[0];
  }

  /** Gives units back to their window. */
  async giveBack(units: number, ticket: number): Promise<void> {
    const { centre, clock, epoch } = this.#around;
    const askedAt = clock();
    this.#learn(await centre.settle(this.#counter(), units, ticket, epoch()), askedAt);
  }

  /** Gives units back to their window, without waiting for it. */
  surrender(units: number, ticket: number): void {
    if (units > 0) forget(this.giveBack(units, ticket));
  }

  /** Gives back what was left of a window that is over, where that still counts. */
  lapse(units: number, ticket: number): void {
    if (this.limit.algorithm === "sliding-window") this.surrender(units, ticket);
  }

  /**
   * What is to be done every so often: tells what is untold, and gives back what would not be spent soon at the pace of
   * late, twice in a row. Returns whether there may be more to do.
   */
  sweep(): boolean {
    this.#tell();
    const { leases, clock } = this.#around;
    const now = clock();
    const { units, ticket } = leases.with(this.place, now, (cells, at) => this.#takeSurplus(cells, at, now));
    this.surrender(units, ticket);
    const goesOn = this.#stock > 0 || this.#questions > 0 || this.isWanted;
    this.isWanted = false;
    return goesOn;
  }

  /** Gives back all that is left. */
  async giveUp(): Promise<void> {
    this.#tell();
    const { leases, clock } = this.#around;
    const now = clock();
    const { units, ticket } = leases.with(this.place, now, (cells, at) => {
      const units = leftOf(cells, at);
      withdraw(cells, at, this.limit, units, this.#centreTime(cells, at, now));
      return { units, ticket: ticketOf(cells, at) };
    });
    if (units > 0) await this.giveBack(units, ticket);
  }

  #takeSurplus(cells: Cells, at: number, now: number): Returned {
    const { limit } = this;
    const ticket = ticketOf(cells, at);
    const time = this.#centreTime(cells, at, now);
    const lapsed = forward(cells, at, limit, time);
    if (lapsed > 0) {
      this.#stock = 0;
      return { units: lapsed, ticket };
    }
    const left = leftOf(cells, at);
    const spent = Math.max(0, this.#stock - left);
    const surplus = Math.max(0, left - spent * KEPT_SWEEPS);
    const units = Math.min(surplus, this.#surplus);
    withdraw(cells, at, limit, units, time);
    this.#surplus = surplus - units;
    this.#stock = left - units;
    return { units, ticket };
  }

  /** Tells the centre what it has yet to be told. */
  #tell(): void {
    if (this.#untold > 0) forget(this.giveBack(-this.#untold, this.#untoldTicket));
    this.#untold = 0;
  }

  /** Takes a chunk, with what requests wait for, and `lookedFor` units that somebody was denied. */
  async #ask(limit: Limit, waiters: Waiter[], lookedFor = 0): Promise<void> {
    const { centre, clock, epoch } = this.#around;
    const askedAt = clock();
    // A question that shows how a counter stands, and takes nothing.
    let isIdle = false;
    const order = (): Order => {
      this.#boarding.delete(limit);
      isIdle = waiters.length > 0 && waiters.every(({ units }) => units === 0);
      return this.#order(waiters, lookedFor, isIdle ? 0 : this.#ahead(askedAt));
    };
    this.#tell();
    this.#boarding.set(limit, waiters);
    this.#questions += 1;
    try {
      const grant = await centre.take({ limit, partition: this.#partition }, order, epoch());
      this.#receive(limit, grant, askedAt, waiters);
      if (!isIdle) this.#pace.answered(limit, grant, clock());
      for (const { resolve } of waiters) resolve();
    } catch (error) {
      this.#pace.failed(clock());
      if (this.#boarding.get(limit) === waiters) this.#boarding.delete(limit);
      for (const { reject } of waiters) reject(error);
    } finally {
      this.#questions -= 1;
    }
  }

  /** How many units to take beyond those that requests wait for: of what trickles, as many as came since the last answer. */
  #ahead(now: number): number {
    return this.#pace.isTrickling ? this.#chunk.stock + this.#pace.heldUp : this.#chunk.next(now);
  }

  #order(waiters: readonly Waiter[], lookedFor: number, ahead: number): Order {
    const needs = waiters.map(({ units }) => units);
    const need = needs.reduce((sum, units) => sum + units, lookedFor);
    const least = needs.length > 0 ? Math.min(...needs) : lookedFor;
    const processes = this.#around.processes();
    // Of what trickles, whoever asks takes all that it can use: a share of next to nothing would leave the rest lying.
    if (this.#pace.isTrickling) return { least, need: need + ahead, want: 0, processes };
    return { least, need, want: ahead, processes };
  }

  #receive(limit: Limit, grant: Grant, askedAt: number, waiters: readonly Waiter[]): void {
    const { leases, clock } = this.#around;
    const now = clock();
    const ticket = grant.cells[0];
    this.#learn(grant, askedAt);
    const stray = leases.with(this.place, now, (cells, at) => {
      let rest = grant.granted;
      for (const { units, receive } of waiters) {
        if (units > rest) continue;
        rest -= units;
        receive(ticket);
      }
      if (ticketOf(cells, at) !== ticket) return rest;
      put(cells, at, rest, limit.quota);
      this.#stock += rest;
      const lapsed = forward(cells, at, limit, this.#centreTime(cells, at, now));
      this.#chunk.arrived(grant.granted, leftOf(cells, at), now);
      return lapsed;
    });
    this.lapse(stray, ticket);
  }

  /** Takes over what the centre has said. */
  #learn(standing: Standing, askedAt: number): void {
    const { leases, clock } = this.#around;
    const { limit } = this;
    const { units, ticket } = leases.with(this.place, clock(), (cells, at) => {
      const ticket = ticketOf(cells, at);
      const units = learn(cells, at, standing, askedAt);
      algorithmOf(limit).refund(cells, at, limit, -this.#untold, this.#untoldTicket, standing.time);
      return { units, ticket };
    });
    this.lapse(units, ticket);
  }

  #counter(): Counter {
    return { limit: this.limit, partition: this.#partition };
  }

  #centreTime(cells: Cells, at: number, now: number): number {
    return centreTime(cells, at, now) + this.#around.leadMs(ageOf(cells, at, now));
  }
}

/** Lets something go on that nobody waits for. If it fails, units come back when their window ends. */
function forget(promise: Promise<unknown>): void {
  promise.catch(() => {});
}

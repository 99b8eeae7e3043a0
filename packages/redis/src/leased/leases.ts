import { type Awaitable, type Charge, type Claim, NOT_CHARGED, type Verdict } from "@headgate/core";
import { NO_SLOT } from "@headgate/core/memory";
import { type Answer, Decider, isOpen } from "./decider.ts";
import type { Entry } from "./entry.ts";
import { ageOf, centreTime, forward, isKnown, leftOf, put, ticketOf } from "./lease.ts";
import { Request } from "./request.ts";
import { Spender } from "./spender.ts";
import type { Surroundings } from "./surroundings.ts";
import { Takers } from "./takers.ts";

/** How often a request asks, where others are quicker to spend what has come. */
const MOST_ROUNDS = 8;

/** Decides claims on limits that can be leased: in memory, and with the centre where that does not suffice. */
export class Leases {
  readonly takers: Takers;
  readonly #around: Surroundings;
  readonly #decider: Decider;
  readonly #spender: Spender;
  #spare = new Request();

  constructor(around: Surroundings) {
    this.#around = around;
    this.takers = new Takers(around);
    this.#decider = new Decider(this.takers, around.leases.table);
    this.#spender = new Spender(around, this.takers);
  }

  consume(claims: readonly Claim[]): Awaitable<readonly Verdict[]> {
    const spent = claims.length === 1 ? this.#spender.spend(claims[0] as Claim) : undefined;
    return spent ? [spent] : this.#run(claims, this.#decider.decide);
  }

  peek(claims: readonly Claim[]): Awaitable<readonly Verdict[]> {
    return this.#run(claims, this.#decider.show);
  }

  /** Charges from what is leased, where that suffices; else at the centre. */
  charge(claims: readonly Claim[]): Awaitable<readonly Verdict[]> {
    return this.#put(claims, (entry) => {
      if (entry.isKnown && leftOf(entry.cells, entry.at) >= entry.cost) return entry.spend();
      return this.#chargeAtCentre(entry);
    });
  }

  /** Gives back to the lease, where the charge is of its window; else to the centre. */
  refund(charges: readonly Charge[]): Awaitable<readonly Verdict[]> {
    return this.#put(
      charges.map(({ claim }) => claim),
      (entry, i) => {
        const { cells, at, cost, limit } = entry;
        const { ticket } = charges[i] as Charge;
        if (ticket === NOT_CHARGED) return entry.isKnown ? undefined : this.#inform(entry);
        if (isOpen(entry, ticket)) return put(cells, at, cost, limit.quota);
        return this.takers.of(entry).giveBack(cost, ticket);
      },
    );
  }

  /** Forgets what is known of these counters. */
  forget(claims: readonly Claim[]): void {
    const { table } = this.#around.leases;
    const request = new Request();
    request.become(claims, this.#around.leases, this.takers);
    this.#attempt(request, () => {
      for (const { slot } of request.entries) if (slot !== NO_SLOT) table.clear(slot);
    });
  }

  async #chargeAtCentre(entry: Entry): Promise<void> {
    entry.ticket = await this.takers.of(entry).charge(entry.cost);
  }

  #run(claims: readonly Claim[], answer: Answer): Awaitable<readonly Verdict[]> {
    const request = this.#spare;
    request.become(claims, this.#around.leases, this.takers);
    const verdicts = this.#attempt(request, answer);
    if (verdicts) return verdicts;
    this.#spare = new Request();
    return this.#persist(request, answer);
  }

  async #persist(request: Request, answer: Answer): Promise<readonly Verdict[]> {
    for (let round = 1; ; round++) {
      const asking = request.entries.slice(0, request.count).filter((entry) => entry.asks);
      const outcomes = await Promise.allSettled(asking.map((entry) => this.#inform(entry)));
      const failure = outcomes.find((outcome) => outcome.status === "rejected");
      if (failure) {
        this.#attempt(request, this.#decider.abandon);
        throw failure.reason;
      }
      const verdicts = this.#attempt(request, answer, round === MOST_ROUNDS);
      if (verdicts) return verdicts;
    }
  }

  /** Asks the centre for what a claim lacks; of one that lacks nothing, how it stands. */
  #inform(entry: Entry): Promise<void> {
    const taker = this.takers.of(entry);
    const { limit, asked: units } = entry;
    return new Promise((resolve, reject) => {
      const receive = (ticket: number): void => {
        // What it has of a window that is over by now is not what the rest is of.
        const stale = entry.heldTicket === ticket ? 0 : entry.held;
        taker.lapse(stale, entry.heldTicket);
        entry.held -= stale;
        entry.hold(units, ticket);
      };
      taker.supply({ limit, units, receive, resolve, reject });
    });
  }

  /** Does the work while the request's leases are locked and up to date. */
  #attempt<Result>(
    request: Request,
    work: (request: Request, isLastRound: boolean) => Result,
    isLastRound = false,
  ): Result {
    const { table } = this.#around.leases;
    try {
      request.lock(table);
      this.#forward(request);
      return work(request, isLastRound);
    } finally {
      request.unlock(table);
    }
  }

  /** Brings the leases forward to now. */
  #forward({ entries, count }: Request): void {
    const { clock, epoch, leadMs } = this.#around;
    const now = clock();
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as Entry;
      const { cells, at, limit } = entry;
      entry.now = now;
      entry.isKnown = isKnown(cells, at);
      entry.leadMs = entry.isKnown ? leadMs(ageOf(cells, at, now)) : 0;
      entry.time = entry.isKnown ? centreTime(cells, at, now) + entry.leadMs : epoch();
      const ticket = ticketOf(cells, at);
      const lapsed = forward(cells, at, limit, entry.time);
      if (lapsed > 0) this.takers.of(entry).lapse(lapsed, ticket);
      if (entry.held > 0 && entry.held < entry.cost && entry.heldTicket !== ticketOf(cells, at))
        this.#decider.release(entry);
    }
  }

  /** Charges or gives back: `here` does in memory what can be done there, and returns what it has asked of the centre. */
  #put(
    claims: readonly Claim[],
    here: (entry: Entry, i: number) => Promise<void> | void,
  ): Awaitable<readonly Verdict[]> {
    const request = new Request();
    request.become(claims, this.#around.leases, this.takers);
    const asked: Promise<void>[] = [];
    const verdicts = this.#attempt(request, () => {
      for (const [i, entry] of request.entries.entries()) {
        const asking = here(entry, i);
        if (asking) asked.push(asking);
      }
      return this.#stand(request);
    });
    return asked.length === 0 ? verdicts : Promise.all(asked).then(() => this.#attempt(request, this.#stand));
  }

  /** How a request stands for which nothing is decided. */
  readonly #stand = ({ entries, count }: Request): readonly Verdict[] =>
    entries.slice(0, count).map((entry) => this.#decider.verdict(entry, 0));
}

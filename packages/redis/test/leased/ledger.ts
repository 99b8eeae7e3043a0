import type { Counter, Grant, Order, Standing } from "../../src/leased/centre.ts";
import { Counters } from "./counters.ts";

/** Counters of one limit, a sliding window, with books: of each window, by its ticket, how many units counted in it. */
export class Ledger extends Counters {
  /** When it ended. */
  readonly charged = new Map<number, number>();
  /** When it had left the next one, too: without what was given back late. */
  readonly kept = new Map<number, number>();

  override take(counter: Counter, order: Order, time: number): Grant {
    return this.#note(counter, super.take(counter, order, time));
  }

  override charge(counter: Counter, units: number, time: number): Standing {
    return this.#note(counter, super.charge(counter, units, time));
  }

  override settle(...settlement: Parameters<Counters["settle"]>): Standing {
    return this.#note(settlement[0], super.settle(...settlement));
  }

  #note<Said extends Standing>({ limit }: Counter, standing: Said): Said {
    const [start, current, previous] = standing.cells;
    this.charged.set(start, current);
    this.kept.set(start - limit.windowMs, previous);
    return standing;
  }
}

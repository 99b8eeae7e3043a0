import type { Centre, Counter, Grant, Order, Standing } from "../../src/leased/centre.ts";
import type { Counters } from "./counters.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What becomes of messages. Shares are of 1. */
export interface Weather {
  /** The least and the most that a message takes one way, ms. */
  readonly delayMs: readonly [number, number];
  /** Whether none overtakes another on its way there, as on one connection. What comes twice may do so the second time. */
  readonly inOrder: boolean;
  readonly lost: number;
  readonly duplicated: number;
}

/** After this a call is given up, as a budget does. */
const TIMEOUT_MS = 50;
/** How late a duplicate may come. */
const DUPLICATE_MS = 300;

/** The way from one node to the counters, over a network with its weather. */
export class SimulatedCentre implements Centre {
  /** Calls that have left. */
  calls = 0;
  readonly #node: string;
  readonly #counters: Counters;
  readonly #time: VirtualTime;
  readonly #clock: () => number;
  readonly #weather: Weather;
  readonly #random: () => number;
  #settlements = 0;
  /** When the last message arrives that goes in order. */
  #lastArrival = 0;

  constructor(
    node: string,
    counters: Counters,
    time: VirtualTime,
    clock: () => number,
    weather: Weather,
    random: () => number,
  ) {
    this.#node = node;
    this.#counters = counters;
    this.#time = time;
    this.#clock = clock;
    this.#weather = weather;
    this.#random = random;
  }

  take(counter: Counter, order: () => Order): Promise<Grant> {
    return this.#call(() => {
      const ordered = order();
      return () => this.#counters.take(counter, ordered, this.#clock());
    });
  }

  charge(counter: Counter, units: number): Promise<Standing> {
    return this.#call(() => () => this.#counters.charge(counter, units, this.#clock()));
  }

  settle(counter: Counter, units: number, ticket: number): Promise<Standing> {
    const number = ++this.#settlements;
    return this.#call(() => () => this.#counters.settle(counter, units, ticket, this.#node, number, this.#clock()));
  }

  async forget(counters: readonly Counter[]): Promise<void> {
    for (const counter of counters) this.#counters.forget(counter);
  }

  /** `leave` is called when the message does, and returns what it has done where it arrives. */
  #call<Answer>(leave: () => () => Answer): Promise<Answer> {
    const { lost, duplicated } = this.#weather;
    return new Promise((resolve, reject) => {
      this.#time.after(0, () => {
        this.calls++;
        const arrive = leave();
        let isAnswered = false;
        this.#time.after(TIMEOUT_MS, () => {
          if (!isAnswered) this.#time.after(0, () => reject(new Error("timeout")), true);
        });
        const deliver = (delayMs: number): void => {
          this.#time.after(delayMs, () => {
            const answer = arrive();
            if (this.#random() < lost || isAnswered) return;
            this.#time.after(
              this.#delayMs(),
              () => {
                isAnswered = true;
                resolve(answer);
              },
              true,
            );
          });
        };
        if (this.#random() >= lost) deliver(this.#wayThereMs());
        if (this.#random() < duplicated) deliver(this.#random() * DUPLICATE_MS);
      });
    });
  }

  #wayThereMs(): number {
    const delayMs = this.#delayMs();
    if (!this.#weather.inOrder) return delayMs;
    this.#lastArrival = Math.max(this.#lastArrival, this.#time.now + delayMs);
    return this.#lastArrival - this.#time.now;
  }

  #delayMs(): number {
    const [least, most] = this.#weather.delayMs;
    return least + this.#random() * (most - least);
  }
}

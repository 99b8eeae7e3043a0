import type { Awaitable } from "@headgate/core";
import { Counter, Gauge, type Registry } from "prom-client";

/** What is known of a store across a network: numbers since the start. */
export interface StoreNumbers {
  /** Whether it is asked. */
  readonly isUp: boolean;
  /** How often it was asked, or would have been. */
  readonly calls: number;
  /** Calls that failed, by the error's code. */
  readonly failures: Readonly<Record<string, number>>;
  /** Commands that were sent to it. */
  readonly commands: number;
  /** What became of requests whose counters could not be reached: how often each. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Shows a store's numbers to Prometheus, as they are when they are asked for. */
export class StoreMetrics {
  readonly #numbers: () => Awaitable<StoreNumbers>;
  readonly #up: Gauge;
  readonly #calls: Counter;
  readonly #failures: Counter<"code">;
  readonly #commands: Counter;
  readonly #outcomes: Counter<"outcome">;

  constructor(registry: Registry, numbers: () => Awaitable<StoreNumbers>) {
    this.#numbers = numbers;
    const registers = [registry];
    this.#up = new Gauge({ name: "headgate_store_up", help: "1 while the store is asked, else 0.", registers });
    this.#calls = new Counter({
      name: "headgate_store_calls_total",
      help: "Calls of the store, those that were not let through among them.",
      registers,
    });
    this.#failures = new Counter({
      name: "headgate_store_failures_total",
      help: "Calls of the store that failed, by the error's code.",
      labelNames: ["code"],
      registers,
    });
    this.#commands = new Counter({
      name: "headgate_store_commands_total",
      help: "Commands sent to the store.",
      registers,
    });
    this.#outcomes = new Counter({
      name: "headgate_store_errors_total",
      help: "Requests whose counters could not be reached, by what became of them.",
      labelNames: ["outcome"],
      registers,
    });
  }

  /** Asks for the numbers. Call it before the registry is read. */
  async refresh(): Promise<void> {
    const { isUp, calls, failures, commands, outcomes } = await this.#numbers();
    this.#up.set(isUp ? 1 : 0);
    for (const counter of [this.#calls, this.#failures, this.#commands, this.#outcomes]) counter.reset();
    this.#calls.inc(calls);
    this.#commands.inc(commands);
    for (const [code, count] of Object.entries(failures)) this.#failures.inc({ code }, count);
    for (const [outcome, count] of Object.entries(outcomes)) this.#outcomes.inc({ outcome }, count);
  }
}

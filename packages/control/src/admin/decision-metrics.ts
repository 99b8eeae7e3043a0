import { Counter, type Registry } from "prom-client";

/** What was decided of requests: numbers since the start. */
export interface DecisionNumbers {
  /** What became of requests: how often each. */
  readonly requests: Readonly<Record<string, number>>;
  /** What each limit said, by its name: how often each. */
  readonly limits: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** Shows Prometheus what was decided, as it is when it is asked for. */
export function addDecisionMetrics(registry: Registry, numbers: () => DecisionNumbers): void {
  const registers = [registry];
  new Counter({
    name: "headgate_requests_total",
    help: "Requests that were decided, by what became of them; counted when they end.",
    labelNames: ["outcome"],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(numbers().requests)) this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: "headgate_limit_decisions_total",
    help: "What each limit said of the requests that it applies to.",
    labelNames: ["limit", "outcome"],
    registers,
    collect() {
      this.reset();
      for (const [limit, outcomes] of numbers().limits) {
        for (const [outcome, count] of Object.entries(outcomes)) this.inc({ limit, outcome }, count);
      }
    },
  });
}

import { Counter, Gauge, Registry } from "prom-client";
import type { Control } from "../control.ts";
import type { AdminApp, AdminOptions } from "./admin-options.ts";
import { addDecisionMetrics } from "./decision-metrics.ts";
import { StoreMetrics } from "./store-metrics.ts";

/** Counting is a look through a table: not at every scrape, which anyone who reaches the port can ask for. */
const RECOUNT_MS = 15_000;

/** What is counted of each kind of record. */
const TABLES = { accounts: "accounts", keys: "api_keys", tokens: "tokens", suspensions: "suspensions" } as const;

/** What the admin port knows of this process, for Prometheus. */
export class AdminMetrics {
  readonly #registry = new Registry();
  readonly #refused: Counter<"reason">;
  readonly #store: StoreMetrics | undefined;

  constructor({ control, clock, decisions, store }: Pick<AdminOptions, "control" | "clock" | "decisions" | "store">) {
    const registers = [this.#registry];
    if (decisions) addDecisionMetrics(this.#registry, decisions);
    this.#store = store && new StoreMetrics(this.#registry, store);
    this.#refused = new Counter({
      name: "headgate_admin_refused_total",
      help: "Requests to the admin API that were refused, by the code of the problem.",
      labelNames: ["reason"],
      registers,
    });
    new Gauge({
      name: "headgate_storage_up",
      help: "1 while the database answers, else 0.",
      registers,
      collect() {
        this.set(control.storage.health.isReachable ? 1 : 0);
      },
    });
    for (const [noun, table] of Object.entries(TABLES)) addCount(this.#registry, noun, table, control, clock);
    addProcess(this.#registry);
  }

  noteRefusal(code: string): void {
    this.#refused.inc({ reason: code });
  }

  /** Adds `GET /metrics`, which needs no token. */
  addRoute(app: AdminApp): void {
    const schema = {
      operationId: "metrics",
      summary: "Metrics, for Prometheus",
      tags: ["Health"],
      security: [],
      response: {
        200: { description: "The metrics.", content: { "text/plain": { schema: { type: "string" } } } },
      },
    } as const;
    app.get("/metrics", { schema }, async (_request, reply) => {
      await this.#store?.refresh();
      const text = await this.#registry.metrics();
      return reply.type(this.#registry.contentType).send(text);
    });
  }
}

function addCount(
  registry: Registry,
  noun: string,
  table: (typeof TABLES)[keyof typeof TABLES],
  { storage }: Control,
  clock: () => number,
): void {
  const count = storage.build
    .selectFrom(table)
    .select((row) => row.fn.countAll<number>().as("rows"))
    .compile();
  let countedAt = Number.NEGATIVE_INFINITY;
  new Gauge({
    name: `headgate_${noun}`,
    help: `The ${noun} on record, those that are over among them; counted at most every ${RECOUNT_MS / 1000} s.`,
    registers: [registry],
    async collect() {
      const now = clock();
      if (Math.abs(now - countedAt) < RECOUNT_MS) return;
      countedAt = now;
      // While the database is away, the last count stands.
      const rows = await storage.read(count).catch(() => []);
      if (rows[0]) this.set(Number(rows[0].rows));
    },
  });
}

function addProcess(registry: Registry): void {
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory size in bytes.",
    registers: [registry],
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "process_cpu_seconds_total",
    help: "User and system CPU time spent in seconds.",
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.set((user + system) / 1_000_000);
    },
  });
}

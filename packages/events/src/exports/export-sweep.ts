import type { EventsContext } from "../context.ts";
import type { ExportFiles } from "./export-files.ts";
import type { ExportTable } from "./export-table.ts";

const INTERVAL_MS = 60_000;
const IDS_AT_A_TIME = 500;

/** Removes exports whose time has come, and files whose exports are gone: another instance may have removed those. */
export class ExportSweep {
  readonly #context: EventsContext;
  readonly #table: ExportTable;
  readonly #files: ExportFiles;
  readonly #stopTimer: () => void;
  #sweeping: Promise<void> | undefined;

  constructor(context: EventsContext, table: ExportTable, files: ExportFiles) {
    this.#context = context;
    this.#table = table;
    this.#files = files;
    this.#stopTimer = context.every(INTERVAL_MS, () => this.#wake());
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#sweeping;
  }

  stop(): void {
    this.#stopTimer();
  }

  #wake(): void {
    this.#sweeping ??= this.#sweep()
      .catch((error: unknown) => this.#context.log.warn("exports-not-swept", { error: String(error) }))
      .finally(() => {
        this.#sweeping = undefined;
      });
  }

  async #sweep(): Promise<void> {
    await this.#table.removeExpired(this.#context.clock());
    const ids = await this.#files.ids();
    for (let i = 0; i < ids.length; i += IDS_AT_A_TIME) {
      const some = ids.slice(i, i + IDS_AT_A_TIME);
      const known = await this.#table.known(some);
      for (const id of some) if (!known.has(id)) await this.#files.remove(id);
    }
  }
}

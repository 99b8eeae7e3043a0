import { HeadgateError } from "@headgate/core";
import type { ExportRow, Statement } from "@headgate/storage";
import type { EventsContext } from "../context.ts";
import { EventSearch } from "../query/event-search.ts";
import { type ExportProgress, exportContent, startOf } from "./export-content.ts";
import type { ExportFiles } from "./export-files.ts";
import { exportJson } from "./export-json.ts";
import { ExportLeases } from "./export-leases.ts";

/** What tells an account's webhooks of something, as a part of a transaction. */
export type MessageStatements = (
  accountId: string,
  type: "export.completed",
  data: object,
  now: number,
) => readonly Statement[];

/** How long a file is kept. */
export const KEPT_MS: number = 7 * 86_400_000;
/** Events looked at between two notes of progress. */
const EVENTS_BETWEEN_NOTES = 5_000;
const INTERVAL_MS = 10_000;
const FAILED = "the export could not be carried out; ask for another, and tell the API's operator if that fails too";

/**
 * Works on the exports that were asked for, one at a time. Progress is taken note of once the file's bytes are on disk: who
 * goes on with an export, after whatever has happened, cuts the file off there and adds what is missing.
 */
export class Exporter {
  readonly #context: EventsContext;
  readonly #files: ExportFiles;
  readonly #messageStatements: MessageStatements;
  readonly #search: EventSearch;
  readonly #leases: ExportLeases;
  readonly #stopTimer: () => void;
  #working: Promise<void> | undefined;
  #isWoken = false;
  #isStopped = false;

  constructor(context: EventsContext, files: ExportFiles, messageStatements: MessageStatements) {
    this.#context = context;
    this.#files = files;
    this.#messageStatements = messageStatements;
    this.#search = new EventSearch(context.storage);
    this.#leases = new ExportLeases(context);
    this.#stopTimer = context.every(INTERVAL_MS, () => this.wake());
  }

  /** Says that there may be something to do. */
  wake(): void {
    if (this.#isStopped) return;
    this.#isWoken = true;
    this.#working ??= this.#work()
      .catch((error: unknown) => this.#context.log.warn("export-interrupted", { error: String(error) }))
      .finally(() => {
        this.#working = undefined;
        // Woken after the last look, and before this.
        if (this.#isWoken) this.wake();
      });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Stops soon, and lets others go on with what is under way. */
  stop(): void {
    this.#isStopped = true;
    this.#stopTimer();
  }

  async #work(): Promise<void> {
    while (this.#isWoken && !this.#isStopped) {
      this.#isWoken = false;
      const row = await this.#leases.claim(this.#context.clock());
      if (!row) continue;
      this.#isWoken = true;
      await this.#carryOut(row);
    }
  }

  async #carryOut(row: ExportRow): Promise<void> {
    const { log } = this.#context;
    try {
      await this.#write(row);
    } catch (error) {
      // A database that is away comes back, and then it is gone on with.
      if (isOutage(error)) throw error;
      log.error("export-failed", { export: row.id, error: String(error) });
      await this.#end({ ...row, state: "failed", error: FAILED });
      await this.#files.remove(row.id);
    }
  }

  /** Writes what is missing of an export's file. */
  async #write(row: ExportRow): Promise<void> {
    const { id } = row;
    let progress: ExportProgress = row;
    let file = await this.#files.open(row, row.bytes);
    if (!file) {
      // Another instance has made the beginning, on a disk of its own.
      progress = startOf(row);
      file = await this.#files.open(row, 0);
    }
    if (!file) throw new Error("a file that was made is not there");
    try {
      let noted = progress.at_seq;
      for await (const part of exportContent(this.#search, row, progress)) {
        await file.append(part.bytes);
        progress = part.progress;
        if (this.#isStopped) break;
        if (progress.at_seq - noted < EVENTS_BETWEEN_NOTES) continue;
        await file.sync();
        if (!(await this.#leases.note(id, progress, this.#context.clock()))) return;
        noted = progress.at_seq;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const { at_seq, events, bytes } = progress;
    const isWhole = at_seq === row.upto_seq;
    await this.#end({ ...row, at_seq, events, bytes, state: isWhole ? "completed" : "queued" });
  }

  async #end(row: ExportRow): Promise<void> {
    const now = this.#context.clock();
    const hasEnded = row.state !== "queued";
    const isCompleted = row.state === "completed";
    const ended: ExportRow = {
      ...row,
      completed_at: isCompleted ? now : null,
      expires_at: hasEnded ? now + KEPT_MS : row.expires_at,
    };
    const messages = isCompleted
      ? this.#messageStatements(row.account_id, "export.completed", exportJson(this.#context, ended, now), now)
      : [];
    if (!(await this.#leases.end(ended, now, messages)) || !isCompleted) return;
    this.#context.log.info("export-completed", { export: row.id, events: row.events, bytes: row.bytes });
    this.#context.commits.ring(row.account_id);
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof HeadgateError && ["HG_STORAGE_UNREACHABLE", "HG_STORAGE_BUSY"].includes(error.code);
}

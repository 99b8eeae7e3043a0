import type { EventsContext } from "./context.ts";

/** Removes what is past its time: now and then, in small steps, one sweep at a time. */
export abstract class Sweep {
  protected readonly context: EventsContext;
  readonly #failure: string;
  readonly #stopTimer: () => void;
  #sweeping: Promise<void> | undefined;
  #isClosed = false;

  /** `failure` is what the log calls a sweep that fails; the next one tries again. */
  constructor(context: EventsContext, { everyMs, failure }: { readonly everyMs: number; readonly failure: string }) {
    this.context = context;
    this.#failure = failure;
    this.#stopTimer = context.every(everyMs, () => this.wake());
  }

  /** Looks for what is to be removed, unless that is under way. */
  wake(): void {
    if (this.#isClosed) return;
    this.#sweeping ??= this.sweep()
      .catch((error: unknown) => this.context.log.error(this.#failure, { error: String(error) }))
      .finally(() => {
        this.#sweeping = undefined;
      });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#sweeping;
  }

  /** Stops after the step that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer();
    await this.settled();
  }

  /** Whether to stop after this step. */
  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  protected abstract sweep(): Promise<void>;
}

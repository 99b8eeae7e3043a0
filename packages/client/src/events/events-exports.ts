import type { Export, NewExport } from "./events-api.ts";
import { EventsApiError } from "./events-api-error.ts";
import type { CallSettings, EventsConnection } from "./events-connection.ts";
import { itemsOf } from "./pages.ts";

/** Settings of waiting for an export. */
export interface ExportSettings extends CallSettings {
  /** How often to look, ms. Default: every second. */
  readonly everyMs?: number;
}

/** The exports of an account: files of its events. */
export class EventsExports {
  readonly #connection: EventsConnection;

  constructor(connection: EventsConnection) {
    this.#connection = connection;
  }

  /** Begins one. */
  create(body: NewExport, settings?: CallSettings): Promise<Export> {
    return this.#connection.call("POST /v1/exports", { body }, settings);
  }

  list(settings?: CallSettings): AsyncGenerator<Export> {
    return itemsOf((query) => this.#connection.call("GET /v1/exports", { query }, settings));
  }

  get(id: string, settings?: CallSettings): Promise<Export> {
    return this.#connection.call("GET /v1/exports/{id}", { path: { id } }, settings);
  }

  /** Breaks it off, or deletes it with its file. */
  delete(id: string, settings?: CallSettings): Promise<undefined> {
    return this.#connection.call("DELETE /v1/exports/{id}", { path: { id } }, settings);
  }

  /** Waits until its file is there. Throws `EventsApiError` where it fails. */
  async wait(id: string, { everyMs = 1_000, ...settings }: ExportSettings = {}): Promise<Export> {
    for (;;) {
      const known = await this.get(id, settings);
      if (known.state === "completed") return known;
      if (known.state === "failed") throw new EventsApiError(200, `export ${id} has failed: ${known.error}`);
      await this.#connection.clock.sleep(everyMs, settings.signal ?? undefined);
    }
  }

  /** Waits until its file is there, and gives it, as a response to be read as it comes. */
  async download(id: string, settings: ExportSettings = {}): Promise<Response> {
    const { download_url } = await this.wait(id, settings);
    const { everyMs: _, ...init } = settings;
    // The link is all that it takes; and a file is too large for a cache.
    return this.#connection.fetch(this.#connection.urlOf(download_url ?? ""), { ...init, cache: "no-store" });
  }
}

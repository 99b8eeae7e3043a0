import type { AttemptedDelivery, Delivery, NewWebhook, Replay, Webhook } from "./events-api.ts";
import type { CallSettings, EventsConnection, InputOf, QueryOf } from "./events-connection.ts";
import { itemsOf } from "./pages.ts";

/** Settings of a change: it is only made while the webhook has this version, if one is given. */
export interface ChangeSettings extends CallSettings {
  readonly version?: number;
}

/** The webhooks of an account. */
export class EventsWebhooks {
  readonly #connection: EventsConnection;

  constructor(connection: EventsConnection) {
    this.#connection = connection;
  }

  /** Makes one. Its `secret`, which verifies its messages, is shown this once. */
  create(body: InputOf<"POST /v1/webhooks">["body"], settings?: CallSettings): Promise<NewWebhook> {
    return this.#connection.call("POST /v1/webhooks", { body }, settings);
  }

  list(settings?: CallSettings): AsyncGenerator<Webhook> {
    return itemsOf((query) => this.#connection.call("GET /v1/webhooks", { query }, settings));
  }

  get(id: string, settings?: CallSettings): Promise<Webhook> {
    return this.#connection.call("GET /v1/webhooks/{id}", { path: { id } }, settings);
  }

  update(
    id: string,
    changes: NonNullable<InputOf<"PATCH /v1/webhooks/{id}">["body"]>,
    { version, ...settings }: ChangeSettings = {},
  ): Promise<Webhook> {
    const input = { path: { id }, headers: ifMatch(version), body: changes };
    return this.#connection.call("PATCH /v1/webhooks/{id}", input, settings);
  }

  /** Deletes it with its deliveries. */
  delete(id: string, { version, ...settings }: ChangeSettings = {}): Promise<undefined> {
    return this.#connection.call("DELETE /v1/webhooks/{id}", { path: { id }, headers: ifMatch(version) }, settings);
  }

  /** Gives it a new secret. The old one signs too for `overlap`, a day where it is not given. */
  rotate(
    id: string,
    body: NonNullable<InputOf<"POST /v1/webhooks/{id}/rotate">["body"]> = {},
    { version, ...settings }: ChangeSettings = {},
  ): Promise<NewWebhook> {
    const input = { path: { id }, headers: ifMatch(version), body };
    return this.#connection.call("POST /v1/webhooks/{id}/rotate", input, settings);
  }

  /** Its deliveries; those in one state, if that is given. */
  deliveries(
    id: string,
    filter: QueryOf<"GET /v1/webhooks/{id}/deliveries"> = {},
    settings?: CallSettings,
  ): AsyncGenerator<Delivery> {
    return itemsOf((cursor) => {
      const input = { path: { id }, query: { ...filter, ...cursor } };
      return this.#connection.call("GET /v1/webhooks/{id}/deliveries", input, settings);
    });
  }

  /** A delivery with its attempts. */
  delivery(id: string, message: string, settings?: CallSettings): Promise<AttemptedDelivery> {
    return this.#connection.call("GET /v1/webhooks/{id}/deliveries/{message}", { path: { id, message } }, settings);
  }

  /** Sends a message again. */
  redeliver(id: string, message: string, settings?: CallSettings): Promise<Delivery> {
    const operation = "POST /v1/webhooks/{id}/deliveries/{message}/replay";
    return this.#connection.call(operation, { path: { id, message } }, settings);
  }

  /** Sends the events of a time again. */
  replay(id: string, body: InputOf<"POST /v1/webhooks/{id}/replay">["body"], settings?: CallSettings): Promise<Replay> {
    return this.#connection.call("POST /v1/webhooks/{id}/replay", { path: { id }, body }, settings);
  }
}

function ifMatch(version: number | undefined): { readonly "If-Match"?: string } {
  return version === undefined ? {} : { "If-Match": `"${version}"` };
}

import type { Event } from "./events-api.ts";
import { EventsApiError, jsonIn } from "./events-api-error.ts";
import type { CallSettings, EventsConnection, QueryOf } from "./events-connection.ts";
import { serverSentEvents } from "./server-sent-events.ts";

/** Settings of a stream. */
export interface StreamSettings extends CallSettings {
  /** The number (`seq`) of the event to go on after. Default: the last that there is, so that the next to come is the first. */
  readonly after?: number | undefined;
}

/** How long to wait before connecting again where the API does not say. */
const RECONNECT_MS = 2_000;

/**
 * Events as they are committed, without gaps: where the connection ends it is made again, and goes on after the last event
 * that came. It ends when its signal aborts, with the signal's reason, and where the API refuses it or what answers is no
 * stream.
 */
export async function* eventStream(
  connection: EventsConnection,
  query: QueryOf<"GET /v1/events/stream">,
  { after, ...settings }: StreamSettings,
): AsyncGenerator<Event> {
  let [place, waitMs] = [after === undefined ? "" : String(after), RECONNECT_MS];
  for (;;) {
    try {
      const headers = place === "" ? {} : { "Last-Event-ID": place };
      // Each stream is its caller's own.
      const init = { ...settings, cache: "no-store" } as const;
      const response = await connection.send("GET /v1/events/stream", { query, headers }, init);
      for await (const { id, data, retryMs } of serverSentEvents(streamOf(response))) {
        [place, waitMs] = [id || place, retryMs ?? waitMs];
        if (data !== "") yield jsonIn(data, response) as Event;
      }
    } catch (error) {
      const mayPass = error instanceof EventsApiError ? error.status >= 500 : error instanceof TypeError;
      if (!mayPass || settings.signal?.aborted) throw error;
    }
    await connection.clock.sleep(waitMs, settings.signal ?? undefined);
  }
}

/** Throws where something else has answered: it would do so for ever. */
function streamOf({ status, headers, body }: Response): ReadableStream<Uint8Array> {
  const type = headers.get("content-type") ?? "";
  if (body && /^text\/event-stream\b/i.test(type)) return body;
  throw new EventsApiError(status, `the events API answered ${status} and no stream: ${type || "no content type"}`);
}

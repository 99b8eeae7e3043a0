import { EventsApiError } from "./events-api-error.ts";

/** A message of a stream (WHATWG HTML, section 9.2). */
export interface ServerSentEvent {
  /** The last id that was sent so far, by this message or one before; empty before any was. */
  readonly id: string;
  /** Empty where the message has no data, and is there for its id alone. */
  readonly data: string;
  /** How long to wait before connecting again, if the message says so. */
  readonly retryMs: number | undefined;
}

/** Ends of lines. A CR that comes last may be half of one. */
const LINE_END = /\r\n|\n|\r(?!$)/;
const MOST_CHARACTERS = 2 ** 22;

/** The messages of a body, until it ends. What was not finished then is dropped. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let [rest, id, data]: [string, string, string | undefined] = ["", "", undefined];
  let retryMs: number | undefined;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const lines = (rest + decoder.decode(read.value, { stream: true })).split(LINE_END);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
        if (field === "id") id = value;
        else if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
        else if (field === "retry" && /^\d{1,9}$/.test(value)) retryMs = Number(value);
        else if (line === "") {
          yield { id, data: data ?? "", retryMs };
          data = retryMs = undefined;
        }
      }
      if (rest.length + (data?.length ?? 0) > MOST_CHARACTERS)
        throw new EventsApiError(200, "a message of the stream has no end");
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

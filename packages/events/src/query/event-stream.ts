import type { Identity } from "@headgate/control";
import type { EventRow } from "@headgate/storage";
import type { EventsAnswer } from "../api/answer.ts";
import type { Call } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { Refusal } from "../problem.ts";
import type { EventFilter } from "./event-filter.ts";
import { eventJson } from "./event-json.ts";
import { EventSearch } from "./event-search.ts";
import { filterOf } from "./filter-query.ts";

const AT_A_TIME = 100;
/** Streams that an account may have, at most: each holds a connection. */
const MOST_STREAMS = 100;
/** How often to say that one is still there, and to look in case a commit's notice was lost. */
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it connects again. */
const RECONNECT_MS = 2_000;

/** Events as they are committed, as server-sent events (WHATWG HTML, section 9.2). */
export class EventStreams {
  readonly #context: EventsContext;
  readonly #search: EventSearch;
  readonly #ending = new AbortController();
  /** Streams under way, by account. */
  readonly #open = new Map<string, number>();

  constructor(context: EventsContext) {
    this.#context = context;
    this.#search = new EventSearch(context.storage);
  }

  /** Answers with a stream that goes on from `Last-Event-ID`; without one, from now. */
  async answer({ request, identity, accountId, query }: Call): Promise<EventsAnswer> {
    const filter = filterOf(query);
    const place = placeIn(request.headers["last-event-id"]);
    const end = this.#begin(accountId);
    try {
      const { seq } = await this.#context.events.head(accountId);
      // A number that is yet to come would keep back all events until then.
      const after = Math.min(place ?? seq, seq);
      const news = new Bell(this.#context, accountId, this.#ending.signal);
      const body = untilLeft(this.#stream(identity, filter, after, news), () => {
        news.stop();
        end();
      });
      const headers = ["Content-Type", "text/event-stream", "Cache-Control", "no-store", "X-Accel-Buffering", "no"];
      return { status: 200, headers, body };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Ends all streams; clients connect again, elsewhere or later. */
  drain(): void {
    this.#ending.abort();
  }

  async *#stream(identity: Identity, filter: EventFilter, after: number, news: Bell): AsyncGenerator<string> {
    const { accountId } = identity;
    const { clock, control } = this.#context;
    const { signal } = this.#ending;
    // Whoever loses the connection before the first event goes on from here too.
    yield `retry: ${RECONNECT_MS}\nid: ${after}\n\n`;
    let seen = after;
    // Who was let in may have been revoked or suspended since.
    while (!signal.aborted && control.directory.isCurrent(identity, clock())) {
      news.reset();
      const { seq: last, pruned_seq } = await this.#context.events.head(accountId);
      const first = Math.max(seen, pruned_seq) + 1;
      if (first <= last) {
        const found = await this.#search.find({ accountId, filter, order: "asc", first, last, limit: AT_A_TIME });
        seen = Math.max(seen, found.at);
        const text = found.rows.map(messageOf).join("");
        if (text !== "") yield text;
      } else if (!(await news.rung())) {
        yield `: still here\nid: ${seen}\n\n`;
      }
    }
  }

  /** Counts a stream of the account from now on until what it returns is called. Throws `HG_STREAMS_TOO_MANY`. */
  #begin(accountId: string): () => void {
    const open = this.#open.get(accountId) ?? 0;
    if (open >= MOST_STREAMS) {
      throw new Refusal("HG_STREAMS_TOO_MANY", `the account has ${MOST_STREAMS} streams open already: end one first`);
    }
    this.#open.set(accountId, open + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#open.get(accountId) ?? 0) - 1;
      if (left === 0) this.#open.delete(accountId);
      else this.#open.set(accountId, left);
    };
  }
}

/**
 * What a generator gives. Calls `onEnd` when it has ended, and at once when nobody wants the rest: a generator itself hears of
 * that only at its next `yield`, and of one that was never begun it hears nothing.
 */
function untilLeft(parts: AsyncGenerator<string>, onEnd: () => void): AsyncIterable<string> {
  const iterator: AsyncIterator<string> = {
    async next() {
      try {
        const part = await parts.next();
        if (part.done) onEnd();
        return part;
      } catch (error) {
        onEnd();
        throw error;
      }
    },
    async return() {
      onEnd();
      void parts.return(undefined);
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

/** Waits for an account's next commit. */
class Bell {
  #hasRung = false;
  #wake: (hasRung: boolean) => void = () => {};
  readonly #signal: AbortSignal;
  readonly #stops: readonly (() => void)[];

  constructor({ commits, every }: EventsContext, accountId: string, signal: AbortSignal) {
    this.#signal = signal;
    const end = (): void => this.#ring(false);
    signal.addEventListener("abort", end);
    this.#stops = [
      commits.onRing((whose) => {
        if (whose === undefined || whose === accountId) this.#ring(true);
      }),
      every(HEARTBEAT_MS, end),
      () => signal.removeEventListener("abort", end),
    ];
  }

  /** What has rung until now does not count. */
  reset(): void {
    this.#hasRung = false;
  }

  /** True when something was committed, false when there was nothing for a while. */
  rung(): Promise<boolean> {
    if (this.#hasRung) return Promise.resolve(true);
    if (this.#signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Lets go of what it hears of, and of who waits. */
  stop(): void {
    for (const stop of this.#stops) stop();
    this.#ring(false);
  }

  #ring(hasRung: boolean): void {
    this.#hasRung ||= hasRung;
    this.#wake(hasRung);
  }
}

function placeIn(lastEventId: string | readonly string[] | undefined): number | undefined {
  if (lastEventId === undefined || lastEventId === "") return undefined;
  if (typeof lastEventId === "string" && /^\d{1,15}$/.test(lastEventId)) return Number(lastEventId);
  const detail = "is not the id of an event of this stream";
  throw new Refusal("HG_EVENTS_CURSOR", `Last-Event-ID ${detail}`, {
    faults: [{ parameter: "Last-Event-ID", detail }],
  });
}

function messageOf(row: EventRow): string {
  // Metadata is as it was sent, and may hold line ends: each line is a `data` field of its own.
  const data = eventJson(row).replaceAll(/\r\n|\r|\n/g, "\ndata: ");
  return `id: ${row.seq}\nevent: event.created\ndata: ${data}\n\n`;
}

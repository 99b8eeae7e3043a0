import { hash } from "node:crypto";
import type { Awaitable } from "@headgate/core";
import { type EventsAnswer, emptyAnswer, jsonAnswer } from "../api/answer.ts";
import { isFresh } from "../api/freshness.ts";
import type { Call } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import type { Standing } from "../log/changes.ts";
import type { Head } from "../log/head.ts";
import { type CursorScope, cursorAfter, placeOf } from "./cursor.ts";
import type { EventFilter } from "./event-filter.ts";
import { eventJson } from "./event-json.ts";
import { EventSearch } from "./event-search.ts";
import { filterOf } from "./filter-query.ts";

const DEFAULT_LIMIT = 50;

/** Lists an account's events in pages. */
export class EventList {
  readonly #context: EventsContext;
  readonly #search: EventSearch;

  constructor(context: EventsContext) {
    this.#context = context;
    this.#search = new EventSearch(context.storage);
  }

  /**
   * Answers with a page, or with 304: what a page shows depends on nothing but the question and where the chain begins
   * and ends, so the tag is made of those, and no row is read to find out that nothing is new.
   */
  answer(call: Call, confinedTo: EventFilter = {}): Awaitable<EventsAnswer> {
    const { query } = call;
    const filter = { ...filterOf(query), ...definedIn(confinedTo) };
    const { events } = this.#context;
    const standing = events.standing(call.accountId);
    const head = events.head(call.accountId);
    if (head instanceof Promise) return head.then((known) => this.#answer(call, query, filter, known, standing));
    return this.#answer(call, query, filter, head, standing);
  }

  #answer(
    { request, accountId }: Call,
    { order = "desc", limit = DEFAULT_LIMIT, cursor }: { readonly order?: unknown; limit?: unknown; cursor?: unknown },
    filter: EventFilter,
    head: Head,
    standing: Standing | undefined,
  ): Awaitable<EventsAnswer> {
    const scope: CursorScope = {
      accountId,
      order: order as "asc" | "desc",
      filter: JSON.stringify(Object.entries(filter)),
    };
    const place = cursor === undefined ? undefined : placeOf(this.#context.seal, scope, cursor as string);
    const list: List = { scope, filter, limit: limit as number, place, head };
    const tag = tagOf(list);
    const headers = ["ETag", tag, "Cache-Control", "private, no-cache"];
    if (isFresh(request.headers, tag)) return { ...emptyAnswer(304, headers), standing };
    return this.#page(list).then((page) => jsonAnswer(200, page, headers));
  }

  async #page({ scope, filter, limit, place, head }: List): Promise<string> {
    const { accountId, order } = scope;
    const [oldest, newest] = [head.pruned_seq + 1, head.seq];
    const isAscending = order === "asc";
    const first = isAscending
      ? Math.max(oldest, place === undefined ? 0 : place + 1)
      : Math.min(newest, place === undefined ? newest : place - 1);
    const last = isAscending ? newest : oldest;
    const { rows, at, isEnd } = await this.#search.find({ accountId, filter, order, first, last, limit });
    // Forward there is always more to come: the cursor is where to look for it.
    const reached = isEnd ? Math.max(newest, place ?? 0) : at;
    const next = isEnd && !isAscending ? null : cursorAfter(this.#context.seal, scope, reached);
    const items = rows.map(eventJson).join(",");
    return `{"items":[${items}],"next_cursor":${JSON.stringify(next)},"has_more":${!isEnd}}`;
  }
}

/** What is listed: everything that a page depends on. */
interface List {
  readonly scope: CursorScope;
  readonly filter: EventFilter;
  readonly limit: number;
  /** The number that the page goes on after; undefined where it is the first. */
  readonly place: number | undefined;
  readonly head: Head;
}

function definedIn(filter: EventFilter): EventFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** Nothing is gained by guessing it: who has it is told no more than that. Sealing it took a sixth of the time of a 304. */
function tagOf({ scope: { accountId, order, filter }, limit, place = -1, head: { seq, pruned_seq } }: List): string {
  const words = JSON.stringify([accountId, order, filter, limit, place, seq, pruned_seq]);
  return `"${hash("sha256", words, "base64url").slice(0, 22)}"`;
}

import Type from "typebox";
import { emptyAnswer, jsonAnswer } from "../api/answer.ts";
import { ETAG, hasAnything, IF_NONE_MATCH, isFresh } from "../api/freshness.ts";
import type { Route } from "../api/route.ts";
import { eventListSchema, eventSchema } from "../api/schemas.ts";
import type { EventsContext } from "../context.ts";
import { isIdOf } from "../id.ts";
import { Refusal } from "../problem.ts";
import { eventJson } from "./event-json.ts";
import { EventList } from "./event-list.ts";
import { EventSearch } from "./event-search.ts";
import type { EventStreams } from "./event-stream.ts";
import { cursorField, filterFields, limitField } from "./filter-query.ts";

const tag = "Events";

const listQuery = Type.Object(
  {
    ...filterFields,
    order: Type.Optional(
      Type.Union([Type.Literal("desc"), Type.Literal("asc")], {
        default: "desc",
        description:
          "`desc`: the newest first. `asc`: the oldest first, and `next_cursor` is where to look for what comes.",
      }),
    ),
    limit: limitField,
    cursor: cursorField,
  },
  { additionalProperties: false },
);

/** Reading events: lists, one, the live stream, and what widgets show. */
export function queryRoutes(context: EventsContext, streams: EventStreams): readonly Route[] {
  const list = new EventList(context);
  const search = new EventSearch(context.storage);
  const pageAnswers = {
    200: { description: "A page of events.", type: "application/json", schema: eventListSchema, headers: ETAG },
    304: { description: "Nothing has changed since the answer with that ETag.", headers: ETAG },
  };
  return [
    {
      method: "GET",
      path: "/v1/events",
      audience: "account",
      query: listQuery,
      operation: {
        operationId: "listEvents",
        summary: "List events",
        description:
          "Pages are by an account's own numbering, which is given in the order of commits: nothing that is committed " +
          "late is skipped. A search looks at 200 000 events at most, and then gives what it has found, which may be " +
          "nothing, with `has_more` and a `next_cursor` to go on from.",
        tag,
        answers: pageAnswers,
        headers: IF_NONE_MATCH,
      },
      handle: (call) => list.answer(call),
    },
    {
      method: "GET",
      path: "/v1/events/stream",
      audience: "account",
      query: Type.Object(filterFields, { additionalProperties: false }),
      operation: {
        operationId: "streamEvents",
        summary: "Receive events as they are committed",
        description:
          "Server-sent events. Each has its number as id: send the last one as Last-Event-ID to go on from there.",
        tag,
        answers: {
          200: { description: "Events, one after the other.", type: "text/event-stream", schema: Type.String() },
        },
        headers: {
          "Last-Event-ID": "The id of the last event received; without it the stream begins with the next one.",
        },
        problems: [409],
      },
      handle: (call) => streams.answer(call),
    },
    {
      method: "GET",
      path: "/v1/events/{id}",
      audience: "account",
      operation: {
        operationId: "getEvent",
        summary: "Show one event",
        tag,
        answers: {
          200: { description: "The event.", type: "application/json", schema: eventSchema, headers: ETAG },
          304: { description: "Events never change.", headers: ETAG },
        },
        headers: IF_NONE_MATCH,
        problems: [404],
      },
      handle({ params: { id = "" }, request, accountId }) {
        if (!isIdOf("event", id)) throw unknownEvent(id);
        // Nobody else can have made this tag, and an event never changes: who has it has the event.
        const etag = `"${context.seal.mark("etag", accountId, id)}"`;
        const headers = ["ETag", etag, "Cache-Control", "private, max-age=31536000, immutable"];
        const isKnown = isFresh(request.headers, etag);
        if (isKnown && !hasAnything(request.headers)) return emptyAnswer(304, headers);
        return search.get(accountId, id).then((row) => {
          if (!row) throw unknownEvent(id);
          return isKnown ? emptyAnswer(304, headers) : jsonAnswer(200, eventJson(row), headers);
        });
      },
    },
    {
      method: "GET",
      path: "/v1/widget/events",
      audience: "widget",
      query: listQuery,
      operation: {
        operationId: "listWidgetEvents",
        summary: "List what a widget shows",
        description: "As `/v1/events`, for widget tokens: only the one actor or target that the token was made for.",
        tag: "Widget",
        answers: pageAnswers,
        headers: IF_NONE_MATCH,
      },
      handle: (call) => list.answer(call, call.identity.widget),
    },
  ];
}

function unknownEvent(id: string): Refusal {
  return new Refusal("HG_EVENT_UNKNOWN", `there is no event ${id.slice(0, 100).toWellFormed()}`);
}

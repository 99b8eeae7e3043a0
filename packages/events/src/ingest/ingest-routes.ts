import Type from "typebox";
import type { Operation, Route } from "../api/route.ts";
import { batchReportSchema, eventSchema, newBatchSchema, newEventSchema } from "../api/schemas.ts";
import type { EventsContext } from "../context.ts";
import { BatchIngest } from "./batch.ts";
import { Buckets } from "./buckets.ts";
import { ReadingIngest } from "./initial-state.ts";
import { SingleIngest } from "./single.ts";

const IDEMPOTENCY = {
  "Idempotency-Key":
    "At most 255 characters. Sent again within 24 hours, the request is answered as before and not carried out.",
};
const REPLAYED_HEADER = { "Idempotent-Replayed": "`true` where the answer is the one that was given before." };

/** Writing events, under the paths of all the systems that do. */
export function ingestRoutes(context: EventsContext): readonly Route[] {
  const single = new SingleIngest(context);
  const batch = new BatchIngest(context);
  const readings = new ReadingIngest(context);
  const buckets = new Buckets(context);

  const add = (path: string, operationId: string): Route => ({
    method: "POST",
    path,
    audience: "account",
    operation: { ...ADD_EVENT, operationId },
    handle: (call) => single.take(call),
  });
  const addBatch = (path: string, operationId: string): Route => ({
    method: "POST",
    path,
    audience: "account",
    operation: { ...ADD_BATCH, operationId },
    handle: (call) => batch.take(call),
  });
  return [
    add("/v1/events", "addEvent"),
    add("/events", "addEventProlifi"),
    addBatch("/v1/events/batch", "addEvents"),
    addBatch("/events/batch", "addEventsProlifi"),
    {
      method: "POST",
      path: "/api/buckets",
      audience: "account",
      body: Type.Object({ bucketKey: Type.String(), bucketName: Type.Optional(Type.String()) }),
      operation: {
        operationId: "addBucket",
        summary: "Make a bucket",
        tag: "Initial State",
        answers: { 201: { description: "Made." }, 204: { description: "It is there already." } },
      },
      handle: (call) => buckets.add(call),
    },
    {
      method: "POST",
      path: "/api/events",
      audience: "account",
      query: Type.Object({ bucketKey: Type.Optional(Type.String()) }),
      operation: {
        operationId: "addReadings",
        summary: "Add readings to a bucket",
        description: "One reading, or an array of them. All are kept, or none.",
        tag: "Initial State",
        requestBody: Type.Unsafe({ anyOf: [reading, Type.Array(reading)] }),
        answers: { 204: { description: "They are kept." } },
        headers: { "X-IS-BucketKey": "Which bucket; or `bucketKey` in the query." },
        problems: [413],
      },
      handle: (call) => readings.take(call),
    },
  ];
}

const reading = Type.Object({
  key: Type.String({ maxLength: 100 }),
  value: Type.Unsafe({ type: ["string", "number", "boolean"] }),
  epoch: Type.Optional(Type.Unsafe({ type: ["number", "string"], description: "Unix epoch seconds." })),
  iso8601: Type.Optional(Type.String()),
});

const ADD_EVENT: Omit<Operation, "operationId"> = {
  summary: "Add an event",
  description: "It is on disk when the answer comes.",
  tag: "Events",
  requestBody: newEventSchema,
  answers: {
    200: {
      description: "The event.",
      type: "application/json",
      schema: eventSchema,
      headers: REPLAYED_HEADER,
    },
  },
  headers: IDEMPOTENCY,
  // What was kept under the key may be past its retention.
  problems: [404, 413],
};

const ADD_BATCH: Omit<Operation, "operationId"> = {
  summary: "Add many events with one request",
  description: "Each event is judged on its own: what is wrong with one does not keep the others out.",
  tag: "Events",
  requestBody: newBatchSchema,
  answers: {
    200: {
      description: "What became of each.",
      type: "application/json",
      schema: batchReportSchema,
      headers: REPLAYED_HEADER,
    },
  },
  headers: IDEMPOTENCY,
  problems: [413],
};

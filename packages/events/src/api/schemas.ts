import Type, { type TSchema } from "typebox";

const instant = (description: string): TSchema => Type.String({ format: "date-time", description });
const textOrNull = (description: string): TSchema => Type.Unsafe({ type: ["string", "null"], description });
const label = (description: string): TSchema => Type.String({ minLength: 1, maxLength: 200, description });

const actorFields = { id: label("Who did it."), name: Type.Optional(label("For people to read.")) };
const targetFields = {
  id: label("What it was done to."),
  type: Type.Optional(label("What kind of thing that is.")),
  name: Type.Optional(label("For people to read.")),
};

/** An event as it is sent. */
export const newEventSchema: TSchema = Type.Object(
  {
    type: Type.String({
      pattern: "^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$",
      description: "What happened, such as `user.login`.",
      examples: ["user.login"],
    }),
    actor: Type.Optional(
      Type.Unsafe({ ...Type.Object(actorFields, { additionalProperties: false }), type: ["object", "null"] }),
    ),
    target: Type.Optional(
      Type.Unsafe({ ...Type.Object(targetFields, { additionalProperties: false }), type: ["object", "null"] }),
    ),
    time: Type.Optional(
      Type.Unsafe({
        type: ["string", "number"],
        description:
          "When: ISO 8601 with its offset from UTC, or Unix epoch seconds, as a number or as text. Default: now.",
        examples: ["2031-01-01T00:00:00Z", 1924992000.25],
      }),
    ),
    metadata: Type.Optional(
      Type.Unsafe({
        type: "object",
        description: "What is your own: an object of at most 32 KiB and 256 fields, kept byte for byte.",
      }),
    ),
    idempotency_key: Type.Optional(
      Type.String({
        pattern: "^[!-~]{1,255}$",
        description: "An event sent again under its key within 24 hours is kept once.",
      }),
    ),
  },
  { $id: "NewEvent", additionalProperties: false },
);

/** An event as the API shows it. */
export const eventSchema: TSchema = Type.Object(
  {
    id: Type.String({ pattern: "^evt_[0-9a-hjkmnp-tv-z]{26}$" }),
    seq: Type.Integer({
      minimum: 1,
      description: "Its number within the account, in the order of commits, without gaps.",
    }),
    type: Type.String(),
    actor: Type.Unsafe({ ...Type.Object(actorFields, { additionalProperties: false }), type: ["object", "null"] }),
    target: Type.Unsafe({ ...Type.Object(targetFields, { additionalProperties: false }), type: ["object", "null"] }),
    time: instant("When it happened."),
    received_at: instant("When it came."),
    metadata: Type.Unsafe({ type: ["object", "null"], description: "As it was sent." }),
    hash: Type.String({
      pattern: "^[0-9a-f]{64}$",
      description: "SHA-256 over the hash of the event before it, its number and its content.",
    }),
  },
  { $id: "Event", additionalProperties: false },
);

export const eventListSchema: TSchema = Type.Object(
  {
    items: Type.Array(refTo(eventSchema)),
    next_cursor: textOrNull(
      "What to ask for as `cursor` to go on; null at the end of what is listed the newest first.",
    ),
    has_more: Type.Boolean({ description: "Whether there is more to look at now." }),
  },
  { $id: "EventList", additionalProperties: false },
);

export const newBatchSchema: TSchema = Type.Object(
  {
    events: Type.Array(refTo(newEventSchema), {
      minItems: 1,
      description: "At most 100, or as many as the API's policy says.",
    }),
  },
  { $id: "NewBatch", additionalProperties: false },
);

export const batchReportSchema: TSchema = Type.Object(
  {
    accepted: Type.Integer({ minimum: 0 }),
    rejected: Type.Integer({ minimum: 0 }),
    ids: Type.Array(Type.String(), { description: "Of the accepted events, in order." }),
    rejections: Type.Array(
      Type.Object(
        {
          index: Type.Integer({ minimum: 0, description: "Which of the events that were sent." }),
          field: Type.String({
            description: "Which of its fields, such as `actor.id`; empty for the event as a whole.",
          }),
          reason: Type.String({ description: "What is wrong with it, in words that go after the field's name." }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { $id: "BatchReport", additionalProperties: false },
);

/** Why a request was not carried out (RFC 9457). */
export const problemSchema: TSchema = Type.Object(
  {
    type: Type.String({ description: "`about:blank`: the status says what kind of problem it is." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What happened, and what to do about it." }),
    code: Type.String({ description: "A stable code, listed in the reference of errors." }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          {
            pointer: Type.Optional(Type.String({ description: "Where in the body, as RFC 9457 writes it: `#/type`." })),
            parameter: Type.Optional(
              Type.String({ description: "Which parameter of the query or the path, or header." }),
            ),
            detail: Type.String(),
          },
          { additionalProperties: false },
        ),
      ),
    ),
  },
  { $id: "Problem", additionalProperties: false },
);

/** A reference to a schema that has a `$id`. In the API's description it stands once, under that name. */
export function refTo(schema: TSchema): TSchema {
  return Type.Unsafe({ $ref: `#/components/schemas/${(schema as { $id?: string }).$id}` });
}

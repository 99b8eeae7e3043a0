import type { DeliveryAttemptRow, DeliveryRow } from "@headgate/storage";
import Type, { type TSchema, type TUnsafe } from "typebox";
import { refTo } from "../api/schemas.ts";
import { isoOf } from "../query/event-json.ts";
import { MESSAGE_TYPES } from "./webhook.ts";

/** What a delivery may be. */
export const DELIVERY_STATES = ["pending", "delivered", "failed", "skipped"] as const;

const instantOrNull = (description: string): TSchema =>
  Type.Unsafe({ type: ["string", "null"], format: "date-time", description });
const textOrNull = (description: string): TSchema => Type.Unsafe({ type: ["string", "null"], description });

/** A delivery as the API shows it. */
export interface DeliveryJson {
  /** `msg_…` */
  readonly id: string;
  readonly type: string;
  readonly state: DeliveryRow["state"];
  readonly events: { readonly first_seq: number; readonly last_seq: number } | null;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly reason: string | null;
  readonly created_at: string;
  readonly finished_at: string | null;
}

const deliveryFields: { readonly [Field in keyof DeliveryJson]: TSchema } = {
  id: Type.String({ description: "`msg_…`, the message's `webhook-id`: the same at every attempt." }),
  type: Type.Unsafe({ type: "string", enum: MESSAGE_TYPES }),
  state: Type.Unsafe({
    type: "string",
    enum: DELIVERY_STATES,
    description: "`failed`: the last attempt of the schedule failed. `skipped`: none will be made, for `reason`.",
  }),
  events: Type.Unsafe({
    ...Type.Object({ first_seq: Type.Integer(), last_seq: Type.Integer() }, { additionalProperties: false }),
    type: ["object", "null"],
    description: "The numbers of the events that it tells of; null where it is of another type.",
  }),
  attempts: Type.Integer({ minimum: 0, description: "How many there were." }),
  next_attempt_at: instantOrNull("When the next is due; null where there is none."),
  reason: textOrNull("Why it was skipped."),
  created_at: Type.String({ format: "date-time" }),
  finished_at: instantOrNull("When it came to its state; null while it is pending."),
};

const attemptSchema = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: "date-time" }),
    duration_ms: Type.Integer({ minimum: 0 }),
    status: Type.Unsafe({
      type: ["integer", "null"],
      description: "What the receiver answered; null where it did not.",
    }),
    error: textOrNull("Why it failed, in words that go after the receiver; null where it did not."),
    response: textOrNull("How the answer's body began."),
  },
  { additionalProperties: false },
);

export const deliverySchema: TUnsafe<DeliveryJson> = Type.Unsafe<DeliveryJson>(
  Type.Object(deliveryFields, { $id: "Delivery", additionalProperties: false }),
);

export const attemptedDeliverySchema: TSchema = Type.Object(
  { ...deliveryFields, attempts: Type.Array(attemptSchema, { description: "The first one first." }) },
  { $id: "AttemptedDelivery", additionalProperties: false },
);

export const deliveryListSchema: TSchema = Type.Object(
  {
    items: Type.Array(refTo(deliverySchema)),
    next_cursor: textOrNull("What to ask for as `cursor` to get the next page; null on the last."),
  },
  { $id: "DeliveryList", additionalProperties: false },
);

export function deliveryJson(row: DeliveryRow): DeliveryJson {
  const { first_seq, last_seq } = row;
  return {
    id: row.message_id,
    type: row.type,
    state: row.state,
    events: first_seq === null || last_seq === null ? null : { first_seq, last_seq },
    attempts: row.attempts,
    next_attempt_at: row.state === "pending" ? isoOf(row.due_at) : null,
    reason: row.reason,
    created_at: isoOf(row.created_at),
    finished_at: row.finished_at === null ? null : isoOf(row.finished_at),
  };
}

export function attemptedDeliveryJson(row: DeliveryRow, attempts: readonly DeliveryAttemptRow[]): object {
  return { ...deliveryJson(row), attempts: attempts.map(attemptJson) };
}

function attemptJson({ number, at, duration_ms, status, error, response }: DeliveryAttemptRow): object {
  return { number, at: isoOf(at), duration_ms, status, error, response };
}

import type { DeliveryRow, EventRow } from "@headgate/storage";
import { ID_PREFIXES } from "../id.ts";
import { eventJson, isoOf } from "../query/event-json.ts";

/** The body of a message: what happened, when, and its data, as Standard Webhooks advises. `data` is a JSON text. */
export function messageBody(type: string, time: number, data: string): string {
  return `{"type":${JSON.stringify(type)},"timestamp":"${isoOf(time)}","data":${data}}`;
}

/** The message that tells of one event alone. Its id comes from the event's, and is the same whenever it is told again. */
function messageIdOf(eventId: string): string {
  return ID_PREFIXES.message + eventId.slice(ID_PREFIXES.event.length);
}

/**
 * The body of a delivery of these events, the same at every attempt, whatever became of the webhook in between; undefined
 * where some of them are there no more.
 */
export function eventsBody(delivery: DeliveryRow, events: readonly EventRow[]): string | undefined {
  const { type, message_id, first_seq, last_seq } = delivery;
  const last = events.at(-1);
  if (!last || events.length !== Number(last_seq) - Number(first_seq) + 1) return undefined;
  // A group of one is a list nonetheless; groups have ids of their own.
  const isSingle = message_id === messageIdOf(last.id);
  return messageBody(type, last.received_at, isSingle ? eventJson(last) : `[${events.map(eventJson).join(",")}]`);
}

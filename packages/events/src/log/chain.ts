import { hash } from "node:crypto";
import type { EventRow } from "@headgate/storage";

/** What an event's hash is over, besides its number and the event before it. */
export type EventContent = Omit<EventRow, "account_id" | "seq" | "hash">;

/** The hash of an event: SHA-256, in hex, over the hash before it, its number, and its content as a JSON array. */
export function hashAfter(hashBefore: string, seq: number, event: EventContent): string {
  return hash("sha256", `${hashBefore}:${seq}:${contentOf(event)}`, "hex");
}

function contentOf(event: EventContent): string {
  const { id, type, actor_id, actor_name, target_id, target_type, target_name, time, received_at, metadata } = event;
  return JSON.stringify([
    ...[id, type, actor_id, actor_name, target_id, target_type, target_name],
    ...[time, received_at, metadata],
  ]);
}

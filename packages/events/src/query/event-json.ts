import type { EventRow } from "@headgate/storage";

/** An event as the API shows it: a JSON text, with the metadata byte for byte as it was sent. */
export function eventJson(row: EventRow): string {
  const { id, seq, type, time, received_at, metadata, hash } = row;
  return (
    `{"id":"${id}","seq":${seq},"type":${JSON.stringify(type)},"actor":${actorJson(row)},"target":${targetJson(row)},` +
    `"time":"${isoOf(time)}","received_at":"${isoOf(received_at)}","metadata":${metadata ?? "null"},"hash":"${hash}"}`
  );
}

/** Epoch ms as the API shows it: ISO 8601 in UTC. */
export function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function actorJson({ actor_id: id, actor_name: name }: EventRow): string {
  return id === null ? "null" : JSON.stringify(name === null ? { id } : { id, name });
}

function targetJson({ target_id: id, target_type: type, target_name: name }: EventRow): string {
  if (id === null) return "null";
  return JSON.stringify({ id, ...(type !== null && { type }), ...(name !== null && { name }) });
}

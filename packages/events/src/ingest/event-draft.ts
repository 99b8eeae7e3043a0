import { hash } from "node:crypto";
import type { JsonPath } from "../json/json-pointer.ts";
import type { JsonItem } from "../json/outline.ts";
import type { EventContent } from "../log/chain.ts";
import { readTime } from "./event-time.ts";

/** An event that can be kept, and the key under which it is kept only once. */
export interface EventDraft {
  readonly event: EventContent;
  readonly key: string | undefined;
  /** Of what was sent: tells another event under the same key from the same one again. */
  readonly fingerprint: string;
}

/** Why an event cannot be kept. */
export interface EventFault {
  /** Leads to the field; empty for the event as a whole. */
  readonly path: JsonPath;
  /** In words that go after the field's name. */
  readonly reason: string;
}

/** What an event is made with besides what was sent. */
export interface Receipt {
  readonly id: string;
  readonly now: number;
}

const MAX_METADATA_BYTES = 32 * 1024;
const MAX_KEY_LENGTH = 255;

const FIELDS: ReadonlySet<string> = new Set(["type", "actor", "target", "time", "metadata", "idempotency_key"]);
const ACTOR_FIELDS: ReadonlySet<string> = new Set(["id", "name"]);
const TARGET_FIELDS: ReadonlySet<string> = new Set(["id", "type", "name"]);

/** Reads one event as it was sent, with metadata as the wanted field. Returns the first thing that is wrong with it. */
export function draftOf(
  sent: unknown,
  { text, wanted: metadata, fault }: JsonItem,
  { id, now }: Receipt,
): EventDraft | EventFault {
  if (!isObject(sent)) return { path: [], reason: "is not an object" };
  if (fault) return { path: fault.path, reason: fault.detail };
  const problem =
    unknownField(sent, FIELDS, []) ??
    typeFault(sent.type) ??
    partyFault("actor", sent.actor, ACTOR_FIELDS) ??
    partyFault("target", sent.target, TARGET_FIELDS) ??
    metadataFault(sent.metadata, metadata) ??
    keyFault(sent.idempotency_key);
  if (problem) return problem;
  const time = sent.time === undefined ? now : readTime(sent.time, now);
  if (typeof time === "object") return { path: ["time"], reason: time.fault };
  const actor = sent.actor as Party | undefined;
  const target = sent.target as Party | undefined;
  return {
    event: {
      id,
      type: sent.type as string,
      actor_id: actor?.id ?? null,
      actor_name: actor?.name ?? null,
      target_id: target?.id ?? null,
      target_type: target?.type ?? null,
      target_name: target?.name ?? null,
      time,
      received_at: now,
      metadata: metadata ?? null,
    },
    key: sent.idempotency_key as string | undefined,
    fingerprint: sent.idempotency_key === undefined ? "" : hash("sha256", text, "hex"),
  };
}

interface Party {
  readonly id: string;
  readonly type?: string;
  readonly name?: string;
}

function typeFault(type: unknown): EventFault | undefined {
  if (type === undefined) return { path: ["type"], reason: "is missing" };
  if (typeof type === "string" && TYPE.test(type)) return undefined;
  return { path: ["type"], reason: "is not 1 to 128 letters, digits and . _ : / - that begin with a letter or digit" };
}

function partyFault(field: string, party: unknown, fields: ReadonlySet<string>): EventFault | undefined {
  if (party === undefined || party === null) return undefined;
  if (!isObject(party)) return { path: [field], reason: "is no object with an id" };
  const unknown = unknownField(party, fields, [field]);
  if (unknown) return unknown;
  if (party.id === undefined) return { path: [field, "id"], reason: "is missing" };
  for (const name of fields) {
    const text = party[name];
    if (text !== undefined && !(typeof text === "string" && isLabel(text))) {
      return { path: [field, name], reason: `is not ${LABEL}` };
    }
  }
  return undefined;
}

function metadataFault(value: unknown, text: string | undefined): EventFault | undefined {
  if (text === undefined) return undefined;
  if (!isObject(value)) return { path: ["metadata"], reason: "is not an object" };
  if (text.length <= MAX_METADATA_BYTES && Buffer.byteLength(text) <= MAX_METADATA_BYTES) return undefined;
  return { path: ["metadata"], reason: `is larger than ${MAX_METADATA_BYTES / 1024} KiB` };
}

function keyFault(key: unknown): EventFault | undefined {
  if (key === undefined || (typeof key === "string" && key.length <= MAX_KEY_LENGTH && KEY.test(key))) return undefined;
  return { path: ["idempotency_key"], reason: `is not a text of 1 to ${MAX_KEY_LENGTH} visible ASCII characters` };
}

function unknownField(
  value: Readonly<Record<string, unknown>>,
  fields: ReadonlySet<string>,
  path: JsonPath,
): EventFault | undefined {
  for (const name in value) {
    if (fields.has(name)) continue;
    const hint = path.length === 0 ? ": put what is your own into metadata" : "";
    return { path: [...path, name], reason: `is not a field of this${hint}` };
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What {@link isLabel} asks for. */
export const LABEL = "a text of 1 to 200 characters without control characters";

/** Whether a text can be shown, compared and kept by every database. */
export function isLabel(text: string): boolean {
  return text.length >= 1 && text.length <= 200 && !CONTROL.test(text) && text.isWellFormed();
}

const TYPE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
const KEY = /^[!-~]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about.
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

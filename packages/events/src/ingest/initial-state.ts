import { type EventsAnswer, emptyAnswer } from "../api/answer.ts";
import type { Call } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { readJson } from "../json/json-body.ts";
import { pointerTo } from "../json/json-pointer.ts";
import { type JsonItem, outlineOf } from "../json/outline.ts";
import type { EventContent } from "../log/chain.ts";
import { type Fault, Refusal } from "../problem.ts";
import { isLabel, LABEL } from "./event-draft.ts";
import { readTime } from "./event-time.ts";

const MAX_KEY_LENGTH = 100;
const MAX_VALUE_LENGTH = 2_000;
const MOST_FAULTS = 20;

/**
 * Takes readings as Initial State's own API does: one, or an array of them, each with its time; answered with 204. There
 * is no body to say what became of each, so a call is kept as a whole or not at all. A reading is kept as an event of type
 * `reading` whose target is the bucket and whose metadata are key and value.
 */
export class ReadingIngest {
  readonly #context: EventsContext;

  constructor(context: EventsContext) {
    this.#context = context;
  }

  async take(call: Call): Promise<EventsAnswer> {
    await this.#context.events.append(call.accountId, this.#read(call));
    return emptyAnswer(204);
  }

  #read(call: Call): EventContent[] {
    const { request, now } = call;
    const bucket = bucketKeyOf(call);
    const { value, text } = readJson(request);
    const isArray = Array.isArray(value);
    const readings: readonly unknown[] = isArray ? value : [value];
    const { maxBatch } = this.#context.policy();
    if (readings.length > maxBatch) {
      throw new Refusal("HG_EVENTS_BATCH", `the call has ${readings.length} events, and may have ${maxBatch} at most`);
    }
    const { items } = outlineOf(text, isArray ? 1 : 0, "value");
    const faults: Fault[] = [];
    const events = readings.flatMap((reading, index): EventContent[] => {
      const content = contentOf(reading, items[index] as JsonItem, now);
      if (typeof content === "string") {
        faults.push({ pointer: pointerTo(isArray ? [index] : []), detail: content });
        return [];
      }
      return [{ ...content, id: this.#context.newId("event", now), target_id: bucket }];
    });
    if (faults.length === 0) return events;
    const [first] = faults;
    throw new Refusal("HG_EVENT_INVALID", `nothing was kept: ${first?.pointer} ${first?.detail}`, {
      faults: faults.slice(0, MOST_FAULTS),
    });
  }
}

/** Which bucket a call is about: a header or a parameter of the query. */
function bucketKeyOf({ request, query }: Call): string {
  const key = request.headers["x-is-bucketkey"] ?? query.bucketKey;
  if (typeof key === "string" && isLabel(key)) return key;
  const detail = key === undefined ? "is missing" : `is not ${LABEL}`;
  throw new Refusal("HG_EVENTS_QUERY", `\`X-IS-BucketKey\` ${detail}`, {
    faults: [{ parameter: "X-IS-BucketKey", detail }],
  });
}

/** A reading as an event, but for its id and bucket; or what is wrong with it. */
function contentOf(
  reading: unknown,
  { wanted, fault }: JsonItem,
  now: number,
): Omit<EventContent, "id" | "target_id"> | string {
  if (typeof reading !== "object" || reading === null || Array.isArray(reading)) return "is not an object";
  if (fault) return fault.detail;
  const { key, value, epoch, iso8601 } = reading as Readonly<Record<string, unknown>>;
  if (typeof key !== "string" || !isLabel(key) || key.length > MAX_KEY_LENGTH) {
    return `has a \`key\` that is not a text of 1 to ${MAX_KEY_LENGTH} characters`;
  }
  if (!["string", "number", "boolean"].includes(typeof value) || String(value).length > MAX_VALUE_LENGTH) {
    return `has a \`value\` that is not a number, a truth or a text of at most ${MAX_VALUE_LENGTH} characters`;
  }
  // Where both are given, the vendor's own API goes by the epoch.
  const told = epoch ?? iso8601;
  const time = told === undefined ? now : readTime(told, now);
  if (typeof time === "object") return `has a time that ${time.fault}`;
  return {
    type: "reading",
    actor_id: null,
    actor_name: null,
    target_type: "bucket",
    target_name: null,
    time,
    received_at: now,
    metadata: `{"key":${JSON.stringify(key)},"value":${wanted ?? "null"}}`,
  };
}

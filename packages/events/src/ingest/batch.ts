import { type EventsAnswer, jsonAnswer } from "../api/answer.ts";
import type { Call } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { readJson } from "../json/json-body.ts";
import { dotted, type JsonPath, pointerTo } from "../json/json-pointer.ts";
import { type JsonItem, outlineOf } from "../json/outline.ts";
import { Refusal } from "../problem.ts";
import { draftOf, type EventDraft, type EventFault } from "./event-draft.ts";
import { IdempotencyKeys, idempotentRequest } from "./idempotency.ts";
import { Ingest, type Outcome } from "./ingest.ts";
import { REPLAYED } from "./single.ts";

/** They are elements of an array, which is a field of the body. */
const DEPTH_OF_EVENTS = 2;

/** What became of a batch, as the API says it. */
interface BatchReport {
  readonly accepted: number;
  readonly rejected: number;
  /** Of the accepted ones, in the order in which they were sent. */
  readonly ids: readonly string[];
  readonly rejections: readonly { readonly index: number; readonly field: string; readonly reason: string }[];
}

/** Takes batches, in which each event is judged on its own. */
export class BatchIngest {
  readonly #context: EventsContext;
  readonly #ingest: Ingest;
  readonly #idempotency: IdempotencyKeys;

  constructor(context: EventsContext) {
    this.#context = context;
    this.#ingest = new Ingest(context);
    this.#idempotency = new IdempotencyKeys(context.storage);
  }

  /** Keeps those of the body's events that can be kept, and answers what became of each, after the commit. */
  async take(call: Call): Promise<EventsAnswer> {
    const { accountId, now } = call;
    const idempotent = idempotentRequest(call);
    const drafts = this.#read(call);
    const kept = await this.#ingest.keep(accountId, drafts, now, (outcomes) =>
      idempotent ? [this.#idempotency.claim(idempotent, 200, reportOf(outcomes), now)] : [],
    );
    if (!("unmet" in kept)) return jsonAnswer(200, reportOf(kept.outcomes));
    const answered = idempotent && (await this.#idempotency.answered(idempotent, now));
    if (answered === undefined) throw new Error(`nothing was kept: ${kept.unmet}`);
    return jsonAnswer(200, answered, REPLAYED);
  }

  #read({ request, now }: Call): (EventDraft | EventFault)[] {
    const { value, text } = readJson(request);
    const events = eventsOf(value);
    const { maxBatch } = this.#context.policy();
    if (events.length > maxBatch) {
      throw batchFault(
        ["events"],
        `has ${events.length} events, and may have ${maxBatch} at most: send several batches`,
      );
    }
    const { items, fault } = outlineOf(text, DEPTH_OF_EVENTS, "metadata");
    if (fault) throw batchFault(fault.path, fault.detail);
    return events.map((event, index) =>
      draftOf(event, items[index] as JsonItem, { id: this.#context.newId("event", now), now }),
    );
  }
}

function eventsOf(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw batchFault([], "is not a batch: an object with the field `events`");
  }
  const { events, ...others } = value as { readonly events?: unknown };
  const [other] = Object.keys(others);
  if (other !== undefined) throw batchFault([other], "is not a field of a batch");
  if (!Array.isArray(events)) throw batchFault(["events"], "is not a list of events");
  if (events.length === 0) throw batchFault(["events"], "is empty");
  return events;
}

function batchFault(path: JsonPath, detail: string): Refusal {
  const subject = path.length === 0 ? "the body" : `\`${dotted(path)}\``;
  return new Refusal("HG_EVENTS_BATCH", `${subject} ${detail}`, { faults: [{ pointer: pointerTo(path), detail }] });
}

/** As JSON text. */
function reportOf(outcomes: readonly Outcome[]): string {
  const ids: string[] = [];
  const rejections: BatchReport["rejections"][number][] = [];
  outcomes.forEach((outcome, index) => {
    if ("reason" in outcome) rejections.push({ index, field: dotted(outcome.path), reason: outcome.reason });
    else ids.push(outcome.id);
  });
  const report: BatchReport = { accepted: ids.length, rejected: rejections.length, ids, rejections };
  return JSON.stringify(report);
}

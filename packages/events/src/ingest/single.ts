import { type EventsAnswer, jsonAnswer } from "../api/answer.ts";
import type { Call } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { readJson } from "../json/json-body.ts";
import { dotted, pointerTo } from "../json/json-pointer.ts";
import { type JsonItem, outlineOf } from "../json/outline.ts";
import { Refusal } from "../problem.ts";
import { eventJson } from "../query/event-json.ts";
import { EventSearch } from "../query/event-search.ts";
import { draftOf, type EventDraft, type EventFault } from "./event-draft.ts";
import { IdempotencyKeys, idempotentRequest } from "./idempotency.ts";
import { Ingest, type Outcome } from "./ingest.ts";

/** The answer is the one that was given before. */
export const REPLAYED: readonly string[] = ["Idempotent-Replayed", "true"];

/** Takes single events. */
export class SingleIngest {
  readonly #context: EventsContext;
  readonly #ingest: Ingest;
  readonly #search: EventSearch;
  readonly #idempotency: IdempotencyKeys;

  constructor(context: EventsContext) {
    this.#context = context;
    this.#ingest = new Ingest(context);
    this.#search = new EventSearch(context.storage);
    this.#idempotency = new IdempotencyKeys(context.storage);
  }

  /** Keeps the body's event and answers with it, after the commit. */
  async take(call: Call): Promise<EventsAnswer> {
    const { accountId, now } = call;
    const idempotent = idempotentRequest(call);
    const draft = this.#read(call);
    if ("reason" in draft) {
      // What was answered before is answered again, also where the body is one that cannot be kept now.
      const answered = idempotent && (await this.#idempotency.answered(idempotent, now));
      if (answered !== undefined) return this.#known(accountId, answered);
      throw invalid(draft);
    }
    const kept = await this.#ingest.keep(accountId, [draft], now, ([outcome]) =>
      idempotent && outcome && "id" in outcome ? [this.#idempotency.claim(idempotent, 200, outcome.id, now)] : [],
    );
    if ("unmet" in kept) {
      const answered = idempotent && (await this.#idempotency.answered(idempotent, now));
      if (answered === undefined) throw new Error(`nothing was kept: ${kept.unmet}`);
      return this.#known(accountId, answered);
    }
    const [row] = kept.rows;
    if (row) return jsonAnswer(200, eventJson(row));
    const outcome = kept.outcomes[0] as Outcome;
    if ("reason" in outcome) throw invalid(outcome);
    return this.#known(accountId, outcome.id);
  }

  #read({ request, now }: Call): EventDraft | EventFault {
    const { value, text } = readJson(request);
    const [item] = outlineOf(text, 0, "metadata").items;
    return draftOf(value, item as JsonItem, { id: this.#context.newId("event", now), now });
  }

  /** An event that is there already. */
  async #known(accountId: string, id: string): Promise<EventsAnswer> {
    const row = await this.#search.get(accountId, id);
    if (!row) throw new Refusal("HG_EVENT_UNKNOWN", `the event ${id} was kept before, and is past its retention`);
    return jsonAnswer(200, eventJson(row), REPLAYED);
  }
}

function invalid({ path, reason: detail }: EventFault): Refusal {
  const subject = path.length === 0 ? "the event" : `\`${dotted(path)}\``;
  return new Refusal("HG_EVENT_INVALID", `${subject} ${detail}`, { faults: [{ pointer: pointerTo(path), detail }] });
}

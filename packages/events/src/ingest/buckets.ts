import { type BucketRow, Prepared } from "@headgate/storage";
import { type EventsAnswer, emptyAnswer } from "../api/answer.ts";
import type { Call } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { Refusal } from "../problem.ts";
import { isLabel, LABEL } from "./event-draft.ts";

/** Initial State's containers of events. */
export class Buckets {
  readonly #context: EventsContext;
  readonly #add: Prepared<BucketRow>;

  constructor(context: EventsContext) {
    this.#context = context;
    this.#add = new Prepared(["account_id", "key", "name", "created_at"], (row) =>
      context.storage.build
        .insertInto("buckets")
        .values(row)
        .onConflict((on) => on.columns(["account_id", "key"]).doNothing()),
    );
  }

  /** Makes a bucket: 201, or 204 where it is there already. */
  async add({ body, accountId, now }: Call): Promise<EventsAnswer> {
    const { bucketKey: key, bucketName: name = key } = body as { bucketKey: string; bucketName?: string };
    for (const [field, text] of Object.entries({ bucketKey: key, bucketName: name })) {
      if (isLabel(text)) continue;
      const detail = `is not ${LABEL}`;
      throw new Refusal("HG_EVENTS_BODY", `\`${field}\` ${detail}`, { faults: [{ pointer: `#/${field}`, detail }] });
    }
    const { results } = await this.#context.storage.write([
      this.#add.statement({ account_id: accountId, key, name, created_at: now }),
    ]);
    return emptyAnswer(results[0]?.changes === 1 ? 201 : 204);
  }
}

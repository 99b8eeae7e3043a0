import type { Control } from "@headgate/control";
import type { BuiltinApi } from "../builtin-api.ts";
import type { OnDecisions } from "../decision-counts.ts";
import type { OnLimit } from "../limit-watch.ts";
import type { ToldNotices } from "../told-notices.ts";
import { exactly } from "./call-port.ts";
import type { DeskCalls, SentAnswer, SentRequest, SentStream } from "./gate-calls.ts";

/** What the threads with gates share, in the thread that keeps it. */
export interface DeskOptions {
  readonly control: Control;
  readonly builtin: BuiltinApi;
  readonly onLimit: OnLimit;
  readonly onDecisions: OnDecisions;
  /** Epoch ms. */
  readonly clock: () => number;
}

/** Answers what one thread with a gate asks of the main one. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #told: ToldNotices;
  readonly #streams = new Map<number, AsyncIterator<string | Uint8Array>>();
  #lastStream = 0;
  #isClosed = false;
  /** What the thread may call. */
  readonly calls: DeskCalls;

  /** `told` is what has been told of limits by any thread. */
  constructor(options: DeskOptions, told: ToldNotices) {
    this.#options = options;
    this.#told = told;
    const { control, onLimit, onDecisions } = options;
    this.calls = {
      answer: (request) => this.#answer(request),
      nextPart: (stream) => this.#nextPart(stream),
      dropStream: (stream) => this.#drop(stream),
      mint: ({ fields, by }) => control.tokens.mint(fields, by),
      suspend: ({ fields, by }) => control.suspensions.suspend(fields, by),
      noteLimit: ({ notice, term }) => {
        if (this.#told.isNew(term, notice.now)) onLimit(notice, term);
      },
      noteDecisions: (counts) => onDecisions(counts),
    };
  }

  /** The thread is no more: nobody wants the rest of its streams. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams.keys()) this.#drop({ stream });
  }

  #answer({ caller, body, ...request }: SentRequest): SentAnswer | Promise<SentAnswer> {
    const { control, builtin, clock } = this.#options;
    const identity = caller === undefined ? undefined : control.directory.fromReference(caller, clock());
    // Revoked since the thread looked.
    if (caller !== undefined && !identity) return "unauthenticated";
    const whole = body ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : NO_BODY;
    const answer = builtin.answer({ ...request, body: whole, identity });
    return answer instanceof Promise ? answer.then((known) => this.#toSent(known)) : this.#toSent(answer);
  }

  #toSent(answer: Awaited<ReturnType<BuiltinApi["answer"]>>): SentAnswer {
    if (typeof answer === "symbol") return "unauthenticated";
    const { body } = answer;
    if (typeof body === "string") return { ...answer, body };
    if (body instanceof Uint8Array) return { ...answer, body: exactly(body) };
    this.#lastStream += 1;
    const stream = this.#lastStream;
    this.#streams.set(stream, body[Symbol.asyncIterator]());
    if (this.#isClosed) this.#drop({ stream });
    return { ...answer, body: { stream } };
  }

  async #nextPart({ stream }: SentStream): Promise<string | Uint8Array | undefined> {
    const part = await this.#streams.get(stream)?.next();
    if (part && !part.done) return typeof part.value === "string" ? part.value : exactly(part.value);
    this.#streams.delete(stream);
    return undefined;
  }

  #drop({ stream }: SentStream): void {
    const parts = this.#streams.get(stream);
    this.#streams.delete(stream);
    // Whatever the source has to say of its end, there is nobody to tell.
    void parts?.return?.()?.catch(() => {});
  }
}

const NO_BODY = Buffer.alloc(0);

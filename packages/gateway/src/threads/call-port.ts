import type { MessagePort, Worker } from "node:worker_threads";
import { HeadgateError } from "@headgate/core";

/** What one side may ask of the other: each with one argument, which like the answer must survive being copied. */
export type Calls = { readonly [Name in string]: (argument: never) => unknown };

type ArgumentOf<Call> = Call extends (argument: infer Argument) => unknown ? Argument : never;
type AnswerOf<Call> = Call extends (argument: never) => infer Answer ? Awaited<Answer> : never;

interface Asked {
  /** 0 where no answer is wanted. */
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

/** An error loses its class on the way. */
interface Fault {
  readonly isHeadgate: boolean;
  readonly code: string | undefined;
  readonly message: string;
}

type Answered = { readonly id: number } & ({ readonly value: unknown } | { readonly fault: Fault });

interface Message {
  readonly asked: readonly Asked[];
  readonly answered: readonly Answered[];
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Calls between two threads, in both directions. What is said in one turn of the event loop goes as one message: waking
 * a thread for each request would cost more than most requests do.
 */
export class CallPort<Theirs extends Calls, Ours extends Calls> {
  readonly #port: MessagePort | Worker;
  readonly #ours: Ours;
  readonly #waiting = new Map<number, Waiting>();
  #asked: Asked[] = [];
  #answered: Answered[] = [];
  #isPosting = false;
  #lastId = 0;
  #closedBy: Error | undefined;

  constructor(port: MessagePort | Worker, ours: Ours) {
    this.#port = port;
    this.#ours = ours;
    port.on("message", (message: Message) => this.#receive(message));
  }

  /** Asks, and gives the answer. Rejects with what the other side threw, its code kept, or once the port is closed. */
  call<Name extends keyof Theirs & string>(
    name: Name,
    argument: ArgumentOf<Theirs[Name]>,
  ): Promise<AnswerOf<Theirs[Name]>> {
    if (this.#closedBy) return Promise.reject(this.#closedBy);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#ask({ id, name, argument });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Says something that needs no answer. */
  tell<Name extends keyof Theirs & string>(name: Name, argument: ArgumentOf<Theirs[Name]>): void {
    if (!this.#closedBy) this.#ask({ id: 0, name, argument });
  }

  /** Rejects what waits for an answer: there will be none. */
  close(reason: Error): void {
    this.#closedBy ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#closedBy);
    this.#waiting.clear();
  }

  #ask(asked: Asked): void {
    this.#asked.push(asked);
    this.#postSoon();
  }

  #answer(answered: Answered): void {
    this.#answered.push(answered);
    this.#postSoon();
  }

  #postSoon(): void {
    if (this.#isPosting) return;
    this.#isPosting = true;
    setImmediate(() => {
      this.#isPosting = false;
      const message: Message = { asked: this.#asked, answered: this.#answered };
      this.#asked = [];
      this.#answered = [];
      if (!this.#closedBy) this.#port.postMessage(message);
    });
  }

  #receive({ asked, answered }: Message): void {
    for (const each of answered) this.#settle(each);
    for (const each of asked) this.#carryOut(each);
  }

  #settle(answered: Answered): void {
    const waiting = this.#waiting.get(answered.id);
    this.#waiting.delete(answered.id);
    if ("fault" in answered) waiting?.reject(toError(answered.fault));
    else waiting?.resolve(answered.value as never);
  }

  #carryOut({ id, name, argument }: Asked): void {
    const fail = (error: unknown): void => {
      if (id !== 0) this.#answer({ id, fault: toFault(error) });
    };
    try {
      const value = (this.#ours[name] as (argument: unknown) => unknown)(argument);
      if (value instanceof Promise) value.then((known) => id === 0 || this.#answer({ id, value: known })).catch(fail);
      else if (id !== 0) this.#answer({ id, value });
    } catch (error) {
      fail(error);
    }
  }
}

/** The same bytes in memory of their own: of a part of something larger, all of that would be copied. */
export function exactly(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

function toFault(error: unknown): Fault {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  if (error instanceof HeadgateError) return { isHeadgate: true, code, message };
  return { isHeadgate: false, code, message: code === undefined ? (stack ?? String(error)) : message };
}

function toError({ isHeadgate, code, message }: Fault): Error {
  if (isHeadgate) return new HeadgateError(code as `HG_${string}`, message);
  return Object.assign(new Error(message), code !== undefined && { code });
}

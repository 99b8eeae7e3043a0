import { randomBytes } from "node:crypto";
import { forget } from "../forget.ts";
import type { Link } from "../link.ts";
import { PartitionKeys } from "../partition-key.ts";
import type { Centre, Counter, Grant, Order, Standing } from "./centre.ts";
import { LEASE, readAnswers, writeQuestions } from "./lease-frame.ts";
import { type Answer, type Question, termsOf } from "./question.ts";

/** How a {@link RedisCentre} keeps counters: as an {@link ExactStore} with the same options does. */
export interface RedisCentreOptions {
  /** What keys begin with. Default `hg`. */
  readonly prefix?: string;
  /** Whose clock decides: Redis's, or that of whoever calls, which is for tests. Default `server`. */
  readonly time?: "server" | "caller";
  /** How long Redis keeps a counter when it is of no more use, in ms. Default 1000. */
  readonly graceMs?: number;
}

/** Questions that one script call answers at most: Redis serves nobody else meanwhile. */
const MOST_QUESTIONS = 250;

/**
 * A centre in Redis. The counters are those of exact mode, so stores of both modes can share them. What is asked in one
 * tick goes in one script call for each slot.
 */
export class RedisCentre implements Centre {
  readonly #link: Link;
  readonly #keys: PartitionKeys;
  readonly #time: "server" | "caller";
  readonly #graceMs: number;
  /** What settlements are numbered under. */
  readonly #sender = randomBytes(9).toString("base64url");
  #settlements = 0;
  /** By slot, what is asked in this tick. */
  #gathered = new Map<number, Question[]>();
  #now = 0;

  constructor(link: Link, { prefix = "hg", time = "server", graceMs = 1000 }: RedisCentreOptions = {}) {
    this.#link = link;
    this.#keys = new PartitionKeys(prefix);
    this.#time = time;
    this.#graceMs = graceMs;
  }

  async take(counter: Counter, order: () => Order, now: number): Promise<Grant> {
    const answer = await this.#ask({ operation: "take", terms: () => termsOf(order()) }, counter, now);
    return { granted: answer[0], ...standingOf(answer) };
  }

  async charge(counter: Counter, units: number, now: number): Promise<Standing> {
    return standingOf(await this.#ask({ operation: "charge", terms: () => [units] }, counter, now));
  }

  async settle(counter: Counter, units: number, ticket: number, now: number): Promise<Standing> {
    const number = ++this.#settlements;
    const settlerKey = `${this.#keys.ownKeyOf(counter.limit, counter.partition)}/${this.#sender}`;
    const terms = () => [units, ticket, number];
    return standingOf(await this.#ask({ operation: "settle", settlerKey, terms }, counter, now));
  }

  async forget(counters: readonly Counter[]): Promise<void> {
    this.#flush();
    await Promise.all(counters.map((counter) => forget(this.#link, [counter.limit], [this.#keyOf(counter)])));
  }

  #ask(asked: Pick<Question, "operation" | "terms" | "settlerKey">, counter: Counter, now: number): Promise<Answer> {
    if (this.#time === "caller" && now !== this.#now) this.#flush();
    this.#now = now;
    const key = this.#keyOf(counter);
    const slot = this.#link.slotOf(key);
    return new Promise((resolve, reject) => {
      if (this.#gathered.size === 0) setImmediate(() => this.#flush());
      const questions = this.#gathered.get(slot);
      const question = { ...asked, counter, key, resolve, reject };
      if (questions) questions.push(question);
      else this.#gathered.set(slot, [question]);
    });
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const questions of gathered.values()) {
      for (let first = 0; first < questions.length; first += MOST_QUESTIONS) {
        void this.#send(questions.slice(first, first + MOST_QUESTIONS));
      }
    }
  }

  async #send(questions: readonly Question[]): Promise<void> {
    try {
      const time = this.#time === "server" ? Number.NaN : this.#now;
      const { keys, argument } = writeQuestions(questions, time, this.#now, this.#graceMs);
      readAnswers(questions, await this.#link.run(LEASE, keys, argument));
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  }

  #keyOf({ limit, partition }: Counter): string {
    return this.#keys.keyOf(limit, partition);
  }
}

function standingOf([, time, first, second, third]: Answer): Standing {
  return { time, cells: [first, second, third] };
}

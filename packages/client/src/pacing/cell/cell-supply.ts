import type { Clock } from "../../clock.ts";
import type { KnownLimit } from "../../reading/reading.ts";
import type { Answer } from "../gate.ts";
import { randomName } from "../random-name.ts";
import type { GateMember, SharedSupply } from "../shared-gate.ts";
import type { Cell } from "./cell.ts";
import { takeTurn } from "./shared-state.ts";

/** What takes longer is as good as failed: calls wait for it. */
const BUDGET_MS = 500;
/** How long a cell that failed is left alone. */
const REST_MS = 5_000;
/** How often to look whether the answer that another member waits for has come. */
const LOOK_MS = 50;
/** Answers kept for the others while the cell cannot be reached. Older ones they can do without. */
const MOST_ANSWERS = 100;
/** Members that change the cell at once get in each other's way: after so many attempts it counts as failed. */
const MOST_ATTEMPTS = 50;
/** How long a permit is good that nobody has used: what it was granted for may be over. */
const PERMIT_MS = 1_000;
/** Is never in a cell. */
const NEVER = "?";

/** A supply that several processes draw from, through a cell. Where that fails, each goes on by what it knows itself. */
export class CellSupply implements SharedSupply {
  readonly #key: string;
  readonly #cell: Cell;
  readonly #member: GateMember;
  readonly #name: string = randomName();
  /** What is in the cell, as far as is known here. */
  #text = NEVER;
  /** How far the cell's clock is ahead of this one's, ms; whole seconds, for ends of windows are such. */
  #aheadMs = 0;
  /** Permits that were granted and not used yet. */
  #stock = 0;
  #stockUntil = 0;
  #want = 0;
  #answers: { readonly sentAt: number; readonly answer: Answer | undefined }[] = [];
  /** Epoch ms: not to be asked for permits before. */
  #askAt = 0;
  /** Epoch ms: when the next call of any member may go, as far as is known. */
  #turnAt = 0;
  #aloneUntil = 0;
  #isTalking = false;
  #isFailing = false;

  constructor(key: string, cell: Cell, member: GateMember) {
    this.#key = key;
    this.#cell = cell;
    this.#member = member;
  }

  get heldUntil(): number {
    return this.#member.alone.heldUntil;
  }

  nextAt(now: number, waiting: number): number {
    const { alone } = this.#member;
    if (now < this.#aloneUntil) return alone.nextAt(now, waiting);
    // What this process was told itself holds at once.
    if (now < alone.heldUntil) return alone.heldUntil;
    if (now >= this.#stockUntil) this.#stock = 0;
    if (this.#stock > 0) return now;
    this.#want = waiting;
    if (now < this.#askAt) return this.#askAt;
    this.#talk();
    return Number.POSITIVE_INFINITY;
  }

  turnAt(place: number, now: number): number {
    const own = this.#member.alone.turnAt(place, now);
    return now < this.#aloneUntil ? own : Math.max(own, this.#turnAt);
  }

  sent(now: number): void {
    if (this.#stock > 0) this.#stock--;
    this.#member.alone.sent(now);
  }

  answered(sentAt: number, answer: Answer | undefined, now: number): void {
    this.#member.alone.answered(sentAt, answer, now);
    this.#answers.push({ sentAt, answer });
    if (this.#answers.length > MOST_ANSWERS) this.#answers.shift();
    if (now >= this.#aloneUntil) this.#talk();
  }

  limits(now: number): readonly KnownLimit[] {
    return this.#member.alone.limits(now);
  }

  close(): void {
    this.#aloneUntil = Number.POSITIVE_INFINITY;
  }

  get #clock(): Clock {
    return this.#member.clock;
  }

  /** One conversation at a time: what comes up meanwhile is the next one's. */
  #talk(): void {
    if (this.#isTalking) return;
    this.#isTalking = true;
    this.#takeTurns()
      .then(
        () => this.#note("shared", "the others can be reached again"),
        (error: unknown) => this.#fail(error),
      )
      .finally(() => {
        this.#isTalking = false;
        this.#member.wake();
      });
  }

  async #takeTurns(): Promise<void> {
    do await this.#takeTurn();
    while (this.#answers.length > 0);
  }

  async #takeTurn(): Promise<void> {
    const { alone } = this.#member;
    if (this.#text === NEVER) await this.#swap(NEVER);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const answers = this.#answers.slice();
      const inFlight = alone.inFlight + answers.length + this.#stock;
      const turn = {
        member: this.#name,
        pace: alone.pace,
        inFlight,
        answers: answers.map((told) => ahead(told, this.#aheadMs)),
        want: this.#want,
      };
      const outcome = takeTurn(this.#text, turn, this.#clock.now() + this.#aheadMs);
      const isSettled = attempt > 0 && outcome.changesNothing;
      if (!isSettled && !(await this.#swap(outcome.text))) continue;
      this.#answers.splice(0, answers.length);
      this.#want = 0;
      this.#stock += outcome.granted;
      this.#stockUntil = this.#clock.now() + PERMIT_MS;
      this.#askAt = outcome.againAt - this.#aheadMs;
      this.#turnAt = outcome.isUnsure ? outcome.heldUntil - this.#aheadMs : this.#askAt;
      if (outcome.isUnsure) this.#askAt = Math.min(this.#askAt, this.#clock.now() + LOOK_MS);
      return;
    }
    throw new Error("too many share this gate");
  }

  /** Whether what was there was what is known here. If not, it is known from now on. */
  async #swap(next: string): Promise<boolean> {
    const askedAt = this.#clock.now();
    const late = new AbortController();
    const timeout = this.#clock.sleep(BUDGET_MS, late.signal).then(() => {
      throw new Error(`no answer within ${BUDGET_MS} ms`);
    });
    try {
      const { instead, now } = await Promise.race([this.#cell.swap(this.#key, this.#text, next), timeout]);
      this.#aheadMs = Math.round((now - (askedAt + this.#clock.now()) / 2) / 1000) * 1000;
      this.#text = instead ?? next;
      return instead === undefined;
    } finally {
      timeout.catch(() => {});
      late.abort();
    }
  }

  #fail(error: unknown): void {
    this.#aloneUntil = Math.max(this.#aloneUntil, this.#clock.now() + REST_MS);
    this.#stock = 0;
    this.#askAt = 0;
    this.#turnAt = 0;
    this.#note("unshared", error instanceof Error ? error.message : String(error));
  }

  /** Tells of a change, once. */
  #note(kind: "shared" | "unshared", reason: string): void {
    const isFailing = kind === "unshared";
    if (isFailing === this.#isFailing) return;
    this.#isFailing = isFailing;
    this.#member.tell(kind, reason);
  }
}

/** An answer with its times by a clock that is so far ahead. */
function ahead({ sentAt, answer }: { sentAt: number; answer: Answer | undefined }, aheadMs: number) {
  const limits = answer?.reading.limits.map((limit) =>
    limit.resetAt === undefined ? limit : { ...limit, resetAt: limit.resetAt + aheadMs },
  );
  return {
    sentAt: sentAt + aheadMs,
    answer: answer && { ...answer, reading: { ...answer.reading, limits: limits ?? [] } },
  };
}

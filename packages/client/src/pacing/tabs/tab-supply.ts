import type { KnownLimit } from "../../reading/reading.ts";
import { ALONE } from "../crowd.ts";
import type { Answer } from "../gate.ts";
import type { PacerState } from "../pacer.ts";
import { randomName } from "../random-name.ts";
import type { GateMember, SharedSupply } from "../shared-gate.ts";
import { Peers } from "./peers.ts";

/** How often a tab that waits says so. */
const SAY_EVERY_MS = 1_000;

/** How long a new tab waits for the others to tell what they know. */
const LISTEN_MS = 30;

/** What tabs say to each other. */
type Message = { readonly from: string } & (
  | { readonly kind: "hello" | "waiting" | "sent" | "bye" }
  | { readonly kind: "state"; readonly state: PacerState }
  | { readonly kind: "answered"; readonly sentAt: number; readonly answer: Answer | undefined }
);

/** What a tab says. */
type Said = Message extends infer Each ? (Each extends Message ? Omit<Each, "from"> : never) : never;

/** A supply that the tabs of a browser draw from. Each knows what all have sent and were told, and takes its part. */
export class TabSupply implements SharedSupply {
  readonly #member: GateMember;
  readonly #name: string = randomName();
  readonly #peers = new Peers(this.#name);
  readonly #channel: InstanceType<typeof BroadcastChannel>;
  /** Epoch ms: when this tab last said that it waits. */
  #saidAt = 0;
  /** Epoch ms: until when it hears what the others know. */
  #listensUntil: number;
  #isClosed = false;

  constructor(channelName: string, member: GateMember) {
    this.#member = member;
    this.#channel = new BroadcastChannel(channelName);
    this.#channel.onmessage = ({ data }: { data: Message }) => this.#hear(data);
    // Node would not end while a channel is open.
    (this.#channel as { unref?: () => void }).unref?.();
    this.#say({ kind: "hello" });
    this.#listensUntil = member.clock.now() + LISTEN_MS;
  }

  get heldUntil(): number {
    return this.#member.alone.heldUntil;
  }

  nextAt(now: number, waiting: number): number {
    const { alone } = this.#member;
    if (this.#isClosed) return alone.nextAt(now, waiting);
    alone.crowd = this.#peers.crowd(now);
    const at = Math.max(alone.nextAt(now, waiting), this.#listensUntil);
    if (at <= now) return at;
    if (now >= this.#saidAt + SAY_EVERY_MS) {
      this.#saidAt = now;
      this.#say({ kind: "waiting" });
    }
    return Math.min(at, this.#saidAt + SAY_EVERY_MS);
  }

  turnAt(place: number, now: number): number {
    return this.#member.alone.turnAt(place, now);
  }

  sent(now: number): void {
    this.#member.alone.sent(now);
    this.#say({ kind: "sent" });
  }

  answered(sentAt: number, answer: Answer | undefined, now: number): void {
    this.#member.alone.answered(sentAt, answer, now);
    this.#say({ kind: "answered", sentAt, answer });
  }

  limits(now: number): readonly KnownLimit[] {
    return this.#member.alone.limits(now);
  }

  close(): void {
    this.#say({ kind: "bye" });
    this.#isClosed = true;
    this.#channel.close();
    this.#member.alone.crowd = ALONE;
  }

  #say(said: Said): void {
    if (!this.#isClosed) this.#channel.postMessage({ from: this.#name, ...said });
  }

  #hear(message: Message): void {
    const { alone, clock, wake } = this.#member;
    const { from, kind } = message;
    const now = clock.now();
    if (kind === "bye") this.#peers.left(from);
    else this.#peers.heard(from, kind === "sent" ? 1 : kind === "answered" ? -1 : 0, now);
    alone.crowd = this.#peers.crowd(now);
    if (kind === "hello") this.#say({ kind: "state", state: alone.state });
    if (kind === "sent") alone.sentByOther(now);
    if (kind === "state") {
      if (alone.knowsNothing) Object.assign(alone.state, message.state);
      this.#listensUntil = 0;
    }
    if (kind === "answered") alone.learn(message.sentAt, message.answer, now);
    wake();
  }
}

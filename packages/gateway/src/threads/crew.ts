import type { AddressInfo } from "node:net";
import { MessageChannel, type Worker } from "node:worker_threads";
import type { MirrorFeed, StoreNumbers } from "@headgate/control";
import type { MirrorSource } from "@headgate/control/lookup";
import type { GatewayLog } from "../gateway-log.ts";
import type { ListenOptions } from "../listening.ts";
import { ToldNotices } from "../told-notices.ts";
import type { DeskOptions } from "./desk.ts";
import { canSharePorts, type Entrance, openEntrance } from "./entrance.ts";
import type { PolicySource } from "./gate-calls.ts";
import { GateThread } from "./gate-thread.ts";

/** What a crew is made of. */
export interface CrewOptions {
  /** How many threads, each with a gate. */
  readonly size: number;
  readonly policy: PolicySource;
  readonly desk: DeskOptions;
  readonly mirrors: MirrorFeed;
  readonly log: GatewayLog;
  /** Starts a thread that calls {@link keepGate}. Threads are numbered from 1; a replacement has its predecessor's number. */
  readonly start: (number: number, policy: PolicySource, records: MirrorSource) => Worker;
  /** Whether the threads listen on one port themselves; by default where the system lets them. */
  readonly sharesPort?: boolean | undefined;
  /** A thread has died, whatever it was doing: what it held is to be released. */
  readonly onDeath: (number: number) => void;
}

/** A new thread that dies at once is replaced later and later, up to so long. */
const LONGEST_PAUSE_MS = 5_000;
const FIRST_PAUSE_MS = 100;
/** A thread that has lived so long does not count as one that dies at once. */
const STABLE_MS = 10_000;

/** Threads that accept connections on one port, each with a gate of its own. One that dies is replaced. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #told = new ToldNotices();
  readonly #threads = new Map<number, GateThread>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #earlyDeaths = new Map<number, number>();
  #policy: PolicySource;
  #entrance: Entrance | undefined;
  #isClosing = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  /** Starts the threads. Rejects with the system's error where the port cannot be had, with all threads ended. */
  async listen(where: ListenOptions): Promise<AddressInfo> {
    const entrance = await openEntrance(where, this.#options.sharesPort ?? (await canSharePorts()));
    this.#entrance = entrance;
    const numbers = Array.from({ length: this.#options.size }, (_, i) => i + 1);
    try {
      await Promise.all(numbers.map((number) => this.#startThread(number)));
    } catch (error) {
      await this.close();
      throw error;
    }
    return entrance.address;
  }

  /** Serves another policy, which must be one that can be served. Resolves when every thread does. */
  async reload(policy: PolicySource): Promise<void> {
    this.#policy = policy;
    await Promise.all(
      [...this.#threads.values()].map(async (thread) => {
        try {
          await thread.reload(policy);
        } catch (error) {
          this.#options.log.error("thread-not-reloaded", { thread: thread.number, reason: String(error) });
          // Its replacement starts with the new one.
          await thread.terminate();
        }
      }),
    );
  }

  /** What each thread has seen of its store; of those that answer. */
  async storeNumbers(): Promise<StoreNumbers[]> {
    const asked = [...this.#threads.values()].map((thread) => thread.storeNumbers().catch(() => undefined));
    return (await Promise.all(asked)).filter((numbers) => numbers !== undefined);
  }

  /** Accepts no more connections, and resolves when the requests in flight have ended. */
  async drain(): Promise<void> {
    this.#stopReplacing();
    this.#entrance?.close();
    this.#options.desk.builtin.drain();
    await Promise.all([...this.#threads.values()].map((thread) => thread.drain()));
    await this.close();
  }

  /** Ends everything at once, whatever is in flight. */
  async close(): Promise<void> {
    this.#stopReplacing();
    this.#entrance?.close();
    await Promise.all([...this.#threads.values()].map((thread) => thread.terminate()));
  }

  #stopReplacing(): void {
    this.#isClosing = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  async #startThread(number: number): Promise<void> {
    const { desk, mirrors, start } = this.#options;
    const { port1: feed, port2: port } = new MessageChannel();
    const worker = start(number, this.#policy, { port, sent: mirrors.sent });
    const thread = new GateThread(number, worker, desk, this.#told);
    this.#threads.set(number, thread);
    void thread.ended.then((reason) => {
      mirrors.leave(feed);
      this.#noteEnd(thread, reason);
    });
    await Promise.race([
      mirrors.follow(feed).then(() => this.#entrance?.admit(thread)),
      thread.ended.then((reason) => Promise.reject(new Error(`thread ${number} ended: ${reason}`))),
    ]);
    this.#after(STABLE_MS, () => {
      if (this.#threads.get(number) === thread) this.#earlyDeaths.delete(number);
    });
  }

  #noteEnd({ number }: GateThread, reason: string): void {
    this.#threads.delete(number);
    this.#options.onDeath(number);
    if (this.#isClosing) return;
    const earlyDeaths = this.#earlyDeaths.get(number) ?? 0;
    this.#earlyDeaths.set(number, earlyDeaths + 1);
    const pauseMs = earlyDeaths === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** earlyDeaths);
    this.#options.log.error("thread-died", { thread: number, reason, replacedInMs: pauseMs });
    this.#after(pauseMs, () => void this.#replace(number));
  }

  async #replace(number: number): Promise<void> {
    try {
      await this.#startThread(number);
      this.#options.log.info("thread-replaced", { thread: number });
    } catch (error) {
      this.#options.log.error("thread-not-replaced", { thread: number, reason: String(error) });
      // Where it did not end by itself, its end brings the next attempt.
      await this.#threads.get(number)?.terminate();
    }
  }

  #after(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    timer.unref();
    this.#timers.add(timer);
  }
}

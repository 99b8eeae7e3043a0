import { randomUUID } from "node:crypto";
import type { Link } from "../link.ts";
import { luaScript } from "../lua-script.ts";

/** How a {@link Heartbeat} beats. */
export interface HeartbeatOptions {
  /** What keys begin with; processes with the same share quotas. Default `hg`. */
  readonly prefix?: string;
  /** The name of the process, the same in all its threads. Default one that no other has. */
  readonly name?: string;
  /** Runs something every so many ms until what it returns is called. */
  readonly every: (intervalMs: number, run: () => void) => () => void;
}

const BEAT = luaScript("heartbeat");
const INTERVAL_MS = 1_000;
/** How long a process counts that has died. */
const LIFETIME_MS = 3_500;

/** How many processes share the quotas in a Redis, from what each says of itself once a second. */
export class Heartbeat {
  readonly #link: Link;
  readonly #key: string;
  readonly #name: string;
  readonly #stop: () => void;
  #count = 1;

  constructor(link: Link, { prefix = "hg", name = randomUUID(), every }: HeartbeatOptions) {
    this.#link = link;
    this.#key = `${prefix}:{processes}`;
    this.#name = name;
    this.#stop = every(INTERVAL_MS, () => void this.beat());
  }

  /** This process and the others, as last heard: at least 1. */
  get processes(): number {
    return this.#count;
  }

  /** Says once that this process is there. Where that fails, the last count goes on to be told. */
  async beat(): Promise<void> {
    try {
      this.#count = Math.max(1, await this.#say(LIFETIME_MS));
    } catch {
      // The link's own affair, which says so; the next beat tries again.
    }
  }

  /** Says that this process is leaving. */
  async close(): Promise<void> {
    this.#stop();
    await this.#say(0).catch(() => {});
  }

  async #say(lifetimeMs: number): Promise<number> {
    const lifetime = Buffer.alloc(8);
    lifetime.writeDoubleLE(lifetimeMs);
    const answer = await this.#link.run(BEAT, [this.#key], Buffer.concat([lifetime, Buffer.from(this.#name)]));
    return answer.readDoubleLE(0);
  }
}

import type { Crowd } from "../crowd.ts";

/** Who has said nothing for so long does not want to send at the moment. Timers of hidden tabs may be a second late. */
const WANTING_MS = 2_500;
/** Who has said nothing for so long is gone, and what it had in flight is over. */
const GONE_MS = 60_000;

interface Peer {
  inFlight: number;
  seenAt: number;
}

/** The other tabs, by what they have said. */
export class Peers {
  readonly #own: string;
  readonly #peers = new Map<string, Peer>();
  #sentAt = 0;

  constructor(own: string) {
    this.#own = own;
  }

  /** A tab has spoken: `change` is by how many it has more calls in flight. */
  heard(name: string, change: number, now: number): void {
    const inFlight = (this.#peers.get(name)?.inFlight ?? 0) + change;
    this.#peers.set(name, { inFlight: Math.max(0, inFlight), seenAt: now });
    if (change > 0) this.#sentAt = now;
  }

  left(name: string): void {
    this.#peers.delete(name);
  }

  crowd(now: number): Crowd {
    let inFlight = 0;
    let size = 1;
    let place = 0;
    for (const [name, peer] of this.#peers) {
      if (peer.seenAt < now - GONE_MS) this.#peers.delete(name);
      else inFlight += peer.inFlight;
      if (peer.seenAt < now - WANTING_MS) continue;
      size++;
      if (name < this.#own) place++;
    }
    return { inFlight, sentAt: this.#sentAt, size, place };
  }
}

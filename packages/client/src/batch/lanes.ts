import type { Entry } from "./entry.ts";

/** How much a batch may hold. */
export interface BatchBounds {
  readonly maxItems: number;
  /** Of the items, each with a separator. One is taken whatever its size. */
  readonly maxBytes: number;
}

/** The items of one key, in order. */
interface Lane<Item> {
  readonly key: string;
  waiting: Entry<Item>[];
  /** By how many batches, sent or about to be. Nothing is taken from it meanwhile. */
  holds: number;
  /** What the next batch may take of it. */
  items: number;
  bytes: number;
}

/**
 * Items that wait to be sent: in a lane for each key, from which one batch at a time takes, so that nothing overtakes. Lanes
 * take turns.
 */
export class Lanes<Item> {
  readonly #lanes = new Map<string, Lane<Item>>();
  /** Those that may be taken from, the one that has been so for longest first. */
  readonly #ready = new Set<Lane<Item>>();
  readonly #depth: number;
  readonly #separatorBytes: number;
  #items = 0;
  #bytes = 0;

  /** A batch takes at most `depth` items of a lane. */
  constructor(depth: number, separatorBytes: number) {
    this.#depth = depth;
    this.#separatorBytes = separatorBytes;
  }

  /** How many items the next batch could take, had it no bounds. */
  get items(): number {
    return this.#items;
  }

  /** How many bytes those are, with what separates them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Puts an item at the end of its lane. */
  push(entry: Entry<Item>): void {
    const lane = this.#laneOf(entry.content.key);
    lane.waiting.push(entry);
    if (lane.holds === 0) this.#offer(lane);
  }

  /** Puts items of held lanes back to where they were taken from. */
  putBack(entries: readonly Entry<Item>[]): void {
    for (const entry of entries.toReversed()) this.#laneOf(entry.content.key).waiting.unshift(entry);
  }

  /** Takes what is next, and holds the lanes. */
  take({ maxItems, maxBytes }: BatchBounds): readonly Entry<Item>[] {
    const taken: Entry<Item>[] = [];
    let left = maxBytes;
    for (const lane of this.#ready) {
      const most = Math.min(this.#depth, maxItems - taken.length);
      let count = 0;
      for (const { content } of lane.waiting.slice(0, most)) {
        left -= content.bytes + this.#separatorBytes;
        if (left < 0 && taken.length + count > 0) break;
        count += 1;
      }
      if (count === 0) break;
      for (const entry of lane.waiting.splice(0, count)) taken.push(entry);
      this.hold(lane.key);
      if (left <= 0) break;
    }
    return taken;
  }

  /** Lets nothing be taken from a lane until it is released as often as it was held. */
  hold(key: string): void {
    const lane = this.#laneOf(key);
    lane.holds += 1;
    this.#withdraw(lane);
  }

  release(key: string): void {
    const lane = this.#laneOf(key);
    lane.holds -= 1;
    if (lane.holds > 0) return;
    if (lane.waiting.length === 0) this.#lanes.delete(key);
    else this.#offer(lane);
  }

  /** The earliest of what `dueAt` says of the first items of the lanes that may be taken from. */
  earliest(dueAt: (first: Entry<Item>) => number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { waiting } of this.#ready) earliest = Math.min(earliest, dueAt(waiting[0] as Entry<Item>));
    return earliest;
  }

  #laneOf(key: string): Lane<Item> {
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = { key, waiting: [], holds: 0, items: 0, bytes: 0 };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Adds to what the next batch may take what is not counted yet. */
  #offer(lane: Lane<Item>): void {
    for (const { content } of lane.waiting.slice(lane.items, this.#depth)) {
      const bytes = content.bytes + this.#separatorBytes;
      lane.items += 1;
      lane.bytes += bytes;
      this.#items += 1;
      this.#bytes += bytes;
    }
    this.#ready.add(lane);
  }

  #withdraw(lane: Lane<Item>): void {
    this.#items -= lane.items;
    this.#bytes -= lane.bytes;
    lane.items = 0;
    lane.bytes = 0;
    this.#ready.delete(lane);
  }
}

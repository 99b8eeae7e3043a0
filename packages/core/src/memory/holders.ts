import { type Cells, cell } from "../algorithm.ts";
import { SpinLock } from "./spin-lock.ts";

// A partition's cells: its oldest holder, who is also the first to expire, its newest, and how many there are; 0 for none.
export const OLDEST = 0;
export const NEWEST = 1;
export const COUNT = 2;

/**
 * Who is in flight, for concurrency limits: a pool of doubly linked list nodes in shared memory. A partition's list is
 * headed by its three cells (oldest, newest, count) and guarded by the lock of its set; the pool has a lock of its own,
 * which is taken last. Node 0 is "none"; nodes are numbered from 1.
 *
 * Node layout, 24 bytes: previous (i32), next (i32), expiry in epoch ms (f64), ticket (f64). A ticket names a node and
 * its reuse count, so that a late release of an expired place cannot take away its successor's.
 *
 * A thread may die between any two writes, so their order matters. A list read forward from its oldest is right at any
 * time, and `mendList` makes the rest of it anew. Between a list and the free list a node is marked as in hand, which it
 * is only while the pool is locked, so `recover` finds the node that a dead thread never put down.
 */
export class Holders {
  readonly #links: Int32Array;
  readonly #numbers: Float64Array;
  readonly #lock: SpinLock;
  readonly #capacity: number;
  readonly #owner: number;

  /** Bytes that a pool of `capacity` holders takes. */
  static byteLength(capacity: number): number {
    return (capacity + 1) * NODE_BYTES;
  }

  /** `owner` is the number of this thread, from 1; no two that share the memory have the same. */
  constructor(memory: SharedArrayBuffer, byteOffset: number, capacity: number, owner: number) {
    this.#links = new Int32Array(memory, byteOffset, (capacity + 1) * (NODE_BYTES / 4));
    this.#numbers = new Float64Array(memory, byteOffset, (capacity + 1) * (NODE_BYTES / 8));
    this.#capacity = capacity;
    this.#owner = owner;
    // Node 0 keeps the pool's own state: lock, first free node, and how many nodes have ever been used.
    this.#lock = new SpinLock(this.#links, 0);
  }

  get isFull(): boolean {
    return this.#links[FIRST_FREE] === 0 && this.#links[EVER_USED] === this.#capacity;
  }

  expiresAt(holder: number): number {
    return cell(this.#numbers, holder * 3 + EXPIRES_AT);
  }

  /** Makes a holder expire no later than `instant`. */
  expireBy(holder: number, instant: number): void {
    this.#numbers[holder * 3 + EXPIRES_AT] = Math.min(this.expiresAt(holder), instant);
  }

  next(holder: number): number {
    return this.#links[holder * 6 + NEXT] as number;
  }

  /** The node a ticket stands for, or 0 if that holder has left or expired. */
  holderOf(ticket: number): number {
    const holder = ticket % (this.#capacity + 1);
    return cell(this.#numbers, holder * 3 + TICKET) === ticket ? holder : 0;
  }

  /** Adds a holder as the newest of a list. Returns its ticket, or 0 when the pool is full. */
  append(cells: Cells, at: number, expiresAt: number): number {
    this.#lock.acquire(this.#owner);
    const holder = this.#take();
    if (holder !== 0) {
      const newest = cell(cells, at + NEWEST);
      this.#numbers[holder * 3 + EXPIRES_AT] = expiresAt;
      this.#links[holder * 6 + NEXT] = 0;
      if (newest === 0) cells[at + OLDEST] = holder;
      else this.#links[newest * 6 + NEXT] = holder;
      this.#links[holder * 6 + PREVIOUS] = newest;
      cells[at + NEWEST] = holder;
      cells[at + COUNT] = cell(cells, at + COUNT) + 1;
    }
    this.#lock.release();
    return holder === 0 ? 0 : cell(this.#numbers, holder * 3 + TICKET);
  }

  /** Takes a holder out of its list and returns it to the pool. */
  remove(cells: Cells, at: number, holder: number): void {
    this.#lock.acquire(this.#owner);
    const previous = this.#links[holder * 6 + PREVIOUS] as number;
    const next = this.next(holder);
    this.#links[holder * 6 + PREVIOUS] = IN_HAND;
    if (previous === 0) cells[at + OLDEST] = next;
    else this.#links[previous * 6 + NEXT] = next;
    if (next === 0) cells[at + NEWEST] = previous;
    else this.#links[next * 6 + PREVIOUS] = previous;
    cells[at + COUNT] = cell(cells, at + COUNT) - 1;
    this.#give(holder);
    this.#lock.release();
  }

  /** Empties a list. */
  clear(cells: Cells, at: number): void {
    while (cell(cells, at + OLDEST) !== 0) this.remove(cells, at, cell(cells, at + OLDEST));
  }

  /** Makes a list right again that a dead thread may have left half written, as read forward from its oldest. */
  mendList(cells: Cells, at: number): void {
    let newest = 0;
    let count = 0;
    for (let holder = cell(cells, at + OLDEST); holder !== 0; holder = this.next(holder)) {
      this.#links[holder * 6 + PREVIOUS] = newest;
      newest = holder;
      count += 1;
    }
    cells[at + NEWEST] = newest;
    cells[at + COUNT] = count;
  }

  /** Unlocks the pool if a dead thread had locked it, and puts down what that had in hand. Its lists come first. */
  recover(dead: number): void {
    if (!this.#lock.isHeldBy(dead)) return;
    // The first free node may be marked as well: about to be taken, or just given.
    const first = this.#links[FIRST_FREE] as number;
    if (first !== 0) this.#links[first * 6 + PREVIOUS] = 0;
    for (let holder = this.#links[EVER_USED] as number; holder > 0; holder--) {
      if (this.#links[holder * 6 + PREVIOUS] === IN_HAND) this.#give(holder);
    }
    this.#lock.release();
  }

  #take(): number {
    const holder = this.#links[FIRST_FREE] as number;
    if (holder !== 0) {
      this.#links[holder * 6 + PREVIOUS] = IN_HAND;
      this.#links[FIRST_FREE] = this.next(holder);
      return holder;
    }
    const unused = (this.#links[EVER_USED] as number) + 1;
    if (unused > this.#capacity) return 0;
    this.#links[unused * 6 + PREVIOUS] = IN_HAND;
    this.#numbers[unused * 3 + TICKET] = unused;
    this.#links[EVER_USED] = unused;
    return unused;
  }

  #give(holder: number): void {
    this.#numbers[holder * 3 + TICKET] = cell(this.#numbers, holder * 3 + TICKET) + this.#capacity + 1;
    this.#links[holder * 6 + NEXT] = this.#links[FIRST_FREE] as number;
    this.#links[FIRST_FREE] = holder;
    this.#links[holder * 6 + PREVIOUS] = 0;
  }
}

const NODE_BYTES = 24;

// Links, as i32 within a node of six.
const PREVIOUS = 0;
const NEXT = 1;
/** What `PREVIOUS` says of a node that is neither in a list nor free. */
const IN_HAND = -1;
// Numbers, as f64 within a node of three.
const EXPIRES_AT = 1;
const TICKET = 2;

// Node 0, as i32.
const FIRST_FREE = 1;
const EVER_USED = 2;

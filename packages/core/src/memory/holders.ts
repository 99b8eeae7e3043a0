import { type Cells, cell } from "../algorithm.ts";
import { SpinLock } from "./spin-lock.ts";

// A partition's cells: its oldest holder, who is also the first to expire, its newest, and how many there are; 0 for none.
export const OLDEST = 0;
export const NEWEST = 1;
export const COUNT = 2;

/**
 * Who is in flight, for concurrency limits: a pool of doubly linked list nodes in shared memory. A partition's list is
 * headed by its three cells (oldest, newest, count) and guarded by the lock of its set; the pool's free list has a lock
 * of its own. Node 0 is "none"; nodes are numbered from 1.
 *
 * Node layout, 24 bytes: previous (i32), next (i32), expiry in epoch ms (f64), ticket (f64). A ticket names a node and
 * its reuse count, so that a late release of an expired place cannot take away its successor's.
 */
export class Holders {
  readonly #links: Int32Array;
  readonly #numbers: Float64Array;
  readonly #lock: SpinLock;
  readonly #capacity: number;

  /** Bytes that a pool of `capacity` holders takes. */
  static byteLength(capacity: number): number {
    return (capacity + 1) * NODE_BYTES;
  }

  constructor(memory: SharedArrayBuffer, byteOffset: number, capacity: number) {
    this.#links = new Int32Array(memory, byteOffset, (capacity + 1) * (NODE_BYTES / 4));
    this.#numbers = new Float64Array(memory, byteOffset, (capacity + 1) * (NODE_BYTES / 8));
    this.#capacity = capacity;
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
    const holder = this.#take();
    if (holder === 0) return 0;
    const newest = cell(cells, at + NEWEST);
    this.#links[holder * 6 + PREVIOUS] = newest;
    this.#links[holder * 6 + NEXT] = 0;
    if (newest === 0) cells[at + OLDEST] = holder;
    else this.#links[newest * 6 + NEXT] = holder;
    cells[at + NEWEST] = holder;
    cells[at + COUNT] = cell(cells, at + COUNT) + 1;
    this.#numbers[holder * 3 + EXPIRES_AT] = expiresAt;
    return cell(this.#numbers, holder * 3 + TICKET);
  }

  /** Takes a holder out of its list and returns it to the pool. */
  remove(cells: Cells, at: number, holder: number): void {
    const previous = this.#links[holder * 6 + PREVIOUS] as number;
    const next = this.next(holder);
    if (previous === 0) cells[at + OLDEST] = next;
    else this.#links[previous * 6 + NEXT] = next;
    if (next === 0) cells[at + NEWEST] = previous;
    else this.#links[next * 6 + PREVIOUS] = previous;
    cells[at + COUNT] = cell(cells, at + COUNT) - 1;
    this.#give(holder);
  }

  /** Empties a list. */
  clear(cells: Cells, at: number): void {
    while (cell(cells, at + OLDEST) !== 0) this.remove(cells, at, cell(cells, at + OLDEST));
  }

  #take(): number {
    this.#lock.acquire();
    let holder = this.#links[FIRST_FREE] as number;
    if (holder !== 0) {
      this.#links[FIRST_FREE] = this.next(holder);
    } else if ((this.#links[EVER_USED] as number) < this.#capacity) {
      holder = (this.#links[EVER_USED] as number) + 1;
      this.#links[EVER_USED] = holder;
      this.#numbers[holder * 3 + TICKET] = holder;
    }
    this.#lock.release();
    return holder;
  }

  #give(holder: number): void {
    this.#lock.acquire();
    this.#numbers[holder * 3 + TICKET] = cell(this.#numbers, holder * 3 + TICKET) + this.#capacity + 1;
    this.#links[holder * 6 + NEXT] = this.#links[FIRST_FREE] as number;
    this.#links[FIRST_FREE] = holder;
    this.#lock.release();
  }
}

const NODE_BYTES = 24;

// Links, as i32 within a node of six.
const PREVIOUS = 0;
const NEXT = 1;
// Numbers, as f64 within a node of three.
const EXPIRES_AT = 1;
const TICKET = 2;

// Node 0, as i32.
const FIRST_FREE = 1;
const EVER_USED = 2;
